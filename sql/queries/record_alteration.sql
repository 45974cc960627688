-- Record how an audited table was altered. Runs under the pinned search_path.
-- Parameters: id: of the tracked table; oid: of the table, NULL where it is gone.
SELECT pgaudit_py.record_alteration(%(id)s, %(oid)s::bigint::oid, false)
