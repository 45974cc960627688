-- Tell whether a table is no longer as it was when its capture function was rendered.
--
-- Arguments: the table; its fingerprint then.
CREATE OR REPLACE FUNCTION pgaudit_py.has_drifted(relation oid, fingerprint text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.fingerprint(relation) IS DISTINCT FROM fingerprint
        -- The snapshot may be an old one.
        OR CASE WHEN current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
                THEN pgaudit_py.present_columns(relation) <> pgaudit_py.catalog_columns(relation) ELSE false END
$function$;
