-- The line of a table that was uninstalled, and has another name now. Runs under the pinned search_path.
-- Parameters: oid, schema_name, table_name: of the table.
-- Result: at most one row: id and options of the last one whose shape was taken from this table, or that had its name.
SELECT k.id, k.options
FROM pgaudit_py.tracked_table AS k
LEFT JOIN LATERAL (
    SELECT s.* FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS s ON true
WHERE k.removed_at IS NOT NULL
    AND (pgaudit_py.shift_of(%(oid)s::bigint::oid, to_jsonb(s)) IS NULL
         OR (k.schema_name, k.table_name) = (%(schema_name)s, %(table_name)s))
ORDER BY k.removed_at DESC LIMIT 1
