-- The tracked table whose records have this name. Runs under the pinned search_path.
-- Parameters: subject_type.
-- Result: at most one row: id, schema_name, table_name, options; relation, NULL where no table carries its trigger.
SELECT k.id, k.schema_name, k.table_name, k.options, pgaudit_py.live_table(k.subject_type)::regclass::text AS relation
FROM pgaudit_py.tracked_table AS k
WHERE k.subject_type = %(subject_type)s AND k.removed_at IS NULL
