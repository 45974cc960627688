-- List the partitions of an audited table of which not every change is recorded: they came after the last install, or somebody
-- changed their triggers.
--
-- Arguments: the tracked table's id; its table. Result: oid; for_rows: whether it is changes of rows, else only a TRUNCATE.
CREATE OR REPLACE FUNCTION pgaudit_py.unwatched_partitions(tracked_id integer, relation oid) RETURNS TABLE (oid oid, for_rows boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT t.relid, NOT coalesce(bool_or(a.for_rows), false)
    FROM pg_partition_tree(relation) AS t
    JOIN pg_class AS c ON c.oid = t.relid
    LEFT JOIN pgaudit_py.attached_triggers(tracked_id) AS a ON a.oid = t.relid AND a.enabled = 'A' AND a.as_made
    WHERE t.level > 0
    GROUP BY t.relid, c.relkind
    HAVING NOT coalesce(bool_or(a.for_rows), false)
        OR NOT coalesce(bool_or(NOT a.for_rows), false)
            -- Foreign tables have triggers for TRUNCATE since PostgreSQL 16.
            AND (c.relkind <> 'f' OR current_setting('server_version_num')::integer >= 160000)
$function$;
