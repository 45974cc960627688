-- Note which partitions an audited table has. Runs under the pinned search_path.
-- Parameters: id: of the tracked table; oid: of the table.
-- Result: whether there was anything to note.
SELECT pgaudit_py.note_partitions(%(id)s, %(oid)s::bigint::oid, true)
