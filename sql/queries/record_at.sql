-- A record as it was at a time.
-- Parameters: subject_type; key: text[]; at.
SELECT pgaudit_py.record_at(%(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]), %(at)s::pg_catalog.timestamptz)
