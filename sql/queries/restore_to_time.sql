-- What restoring a record to a time would do. The texts carry every digit, for writing back what was read.
-- Parameters: subject_type; key: text[]; at.
SELECT r.*, r.wanted::text AS wanted_text, (
    SELECT pg_catalog.jsonb_object_agg(k, r.current -> k) FROM pg_catalog.unnest(r.key) AS k
    WHERE r.current IS NOT NULL)::text AS key_text
FROM pgaudit_py.restore_to_time(
    %(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::text[]), %(at)s::timestamptz) AS r
