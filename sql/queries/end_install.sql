-- Record what an install put right, and let the event trigger watch the table again. Runs under the pinned search_path.
-- Parameters: id: of the tracked table; oid: of the table.
SELECT pgaudit_py.end_install(%(id)s, %(oid)s::bigint::oid)
