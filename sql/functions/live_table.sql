-- Find the table that records of a subject type come from, whatever it is called by now.
--
-- Result: its oid; NULL where no table carries the trigger any more. Where somebody put the trigger on another table as well, the
-- one that was installed.
CREATE OR REPLACE FUNCTION pgaudit_py.live_table(subject_type text) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT t.tgrelid
    FROM pgaudit_py.tracked_table AS k
    JOIN pg_proc AS p ON p.proname = 'capture_' || k.id AND p.pronamespace = 'pgaudit_py'::regnamespace
    JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0
    WHERE k.subject_type = live_table.subject_type AND k.removed_at IS NULL
    ORDER BY t.tgrelid IS NOT DISTINCT FROM (
        SELECT s.relation FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) DESC, t.tgrelid
    LIMIT 1
$function$;
