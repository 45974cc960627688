-- A record's history, oldest first.
-- Parameters: subject_type; key: text[].
SELECT * FROM pgaudit_py.history(%(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]))
