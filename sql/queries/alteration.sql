-- How an audited table differs from what the log last told of it. Runs under the pinned search_path.
-- Parameters: id: of the tracked table; oid: of the table, NULL where it is gone.
-- Result: one row: see table_differences(); NULL where nothing differs.
SELECT pgaudit_py.alteration(%(id)s, %(oid)s::bigint::oid)
