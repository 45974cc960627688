-- Record a record as it is now.
-- Parameters: subject_type; key: text[]; label: text or NULL.
-- Result: the activity's id.
SELECT pgaudit_py.snapshot(%(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]), %(label)s)
