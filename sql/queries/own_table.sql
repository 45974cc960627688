-- The table that a tracked table is, whichever of our triggers it carries by now, and its partitions; where it carries none and has another
-- name, that of the last install. Runs under the pinned search_path.
-- Parameters: id: of the tracked table.
-- Result: schema_name, table_name; no row where there is none.
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name
FROM (SELECT coalesce(pgaudit_py.own_table(%(id)s), (
    SELECT s.relation FROM pgaudit_py.table_shape AS s
    WHERE s.tracked_table_id = %(id)s AND s.cluster = pgaudit_py.cluster() ORDER BY s.id DESC LIMIT 1)) AS oid) AS own
JOIN pg_class AS c ON c.oid IN (SELECT t.relid FROM pg_partition_tree(own.oid) AS t UNION SELECT own.oid)
JOIN pg_namespace AS n ON n.oid = c.relnamespace
ORDER BY c.relispartition, 1, 2
