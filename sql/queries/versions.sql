-- The versions of a record, oldest first, in the true order of changes, through every key it had.
-- Parameters: subject_type; key: text[].
SELECT * FROM pgaudit_py.record_versions(%(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]))
