-- What restoring a record to a time would do. The text carries every digit, for writing back what was read.
-- Parameters: subject_type; key: text[]; at.
SELECT r.*, r.wanted::pg_catalog.text AS wanted_text
FROM pgaudit_py.restore_to_time(
    %(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]), %(at)s::pg_catalog.timestamptz) AS r
