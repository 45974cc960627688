-- Find the table that a tracked table is in this database, whatever it is called and whichever of our triggers it carries by now.
--
-- Arguments: the tracked table's id.
-- Result: its oid. That of the last install, as long as it has the name that it had then: no other table is taken for it, whoever
-- put our triggers there. Else, after it was renamed or came out of a dump, of those with our triggers the one that fits best;
-- NULL where there is none.
CREATE OR REPLACE FUNCTION pgaudit_py.own_table(tracked_id integer) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(
        (SELECT c.oid
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.oid = last.relation AND (n.nspname, c.relname) = (k.schema_name, k.table_name)),
        (SELECT c.oid
         FROM pg_proc AS p
         JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0
         JOIN pg_class AS c ON c.oid = t.tgrelid
         JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND p.proname IN ('capture_' || k.id, 'capture_' || k.id || '_truncate')
             AND NOT c.relispartition
         ORDER BY c.oid IS NOT DISTINCT FROM last.relation DESC, t.tgname IN ('00_pgaudit_py', '00_pgaudit_py_truncate') DESC,
                  (n.nspname, c.relname) = (k.schema_name, k.table_name) DESC,
                  p.proname = 'capture_' || k.id DESC, c.oid
         LIMIT 1))
    FROM pgaudit_py.tracked_table AS k
    LEFT JOIN LATERAL (
        SELECT s.relation FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS last ON true
    WHERE k.id = tracked_id AND k.removed_at IS NULL
$function$;
