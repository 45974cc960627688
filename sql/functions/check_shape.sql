-- Tell whether a table is as it was when its capture function was rendered, and remember it for as long as the token holds.
--
-- Arguments: the table; its fingerprint then; the setting to remember the token in; the token, NULL to remember nothing.
CREATE OR REPLACE FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF pgaudit_py.fingerprint(relation) IS DISTINCT FROM fingerprint THEN
        RETURN false;
    END IF;
    IF token IS NOT NULL THEN
        -- The snapshot of such a transaction may be older than an ALTER TABLE that it is subject to: ask again in the next.
        PERFORM set_config(setting, token, current_setting('transaction_isolation') IN ('repeatable read', 'serializable'));
    END IF;
    RETURN true;
END
$function$;
