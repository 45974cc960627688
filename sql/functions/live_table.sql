-- Find the table that records of a subject type come from, whatever it is called by now.
--
-- Result: its oid; NULL where it does not carry the trigger any more, even where somebody put that on another table.
CREATE OR REPLACE FUNCTION pgaudit_py.live_table(subject_type text) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT o.oid
    FROM pgaudit_py.tracked_table AS k
    CROSS JOIN LATERAL (SELECT pgaudit_py.own_table(k.id) AS oid) AS o
    WHERE k.subject_type = live_table.subject_type AND k.removed_at IS NULL AND EXISTS (
        SELECT FROM pg_trigger AS t
        JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.proname = 'capture_' || k.id AND p.pronamespace = 'pgaudit_py'::regnamespace
        WHERE t.tgrelid = o.oid AND NOT t.tgisinternal AND t.tgparentid = 0)
$function$;
