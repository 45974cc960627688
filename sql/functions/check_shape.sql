-- Tell whether a table is as it was when its capture function was rendered, and remember it for as long as the token holds.
--
-- Arguments: the table, or a partition of it; its fingerprint then; the setting to remember the token in; the token, NULL to remember nothing.
CREATE OR REPLACE FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF pgaudit_py.has_drifted(pgaudit_py.root_of(relation), fingerprint) THEN
        RETURN false;
    END IF;
    IF token IS NOT NULL THEN
        PERFORM set_config(setting, token, false);
    END IF;
    RETURN true;
END
$function$;
