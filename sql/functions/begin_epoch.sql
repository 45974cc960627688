-- Begin another epoch of the log, where a dump brought it into another cluster: transaction ids start again there, and so may
-- be given twice.
--
-- In which cluster the log is, the newest shape tells; so it is to be called before another one is added. Changes nothing
-- else, nor where nobody knows the one or the other. What is written before it is called counts with what came by the dump.
-- Result: the epoch that begins; NULL where none does.
CREATE OR REPLACE FUNCTION pgaudit_py.begin_epoch() RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    noted CONSTANT bigint := (SELECT s.cluster FROM pgaudit_py.table_shape AS s ORDER BY s.id DESC LIMIT 1);
    begun CONSTANT integer := coalesce((SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1), 0) + 1;
BEGIN
    IF (noted <> pgaudit_py.cluster()) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    EXECUTE format('ALTER TABLE pgaudit_py.activity_log ALTER COLUMN epoch SET DEFAULT %s', begun);
    RETURN begun;
END
$function$;
