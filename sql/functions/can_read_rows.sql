-- Tell whether all rows of a table can be read as the log would write them.
--
-- Arguments: those of live_rows(), without the limit. The caller's own rights hold. Never raises, but where the statement is cancelled.
CREATE OR REPLACE FUNCTION pgaudit_py.can_read_rows(relation oid, key bigint[], columns jsonb DEFAULT NULL, leaf oid DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM count(*) FROM pgaudit_py.live_rows(relation, key, columns, NULL, leaf);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$function$;
