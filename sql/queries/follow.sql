-- What came after an activity, and which transactions are over: activities of others may still come.
-- Parameters: those of pgaudit_py.follow(); key: text[], the parts of a subject's key, or NULL.
-- Result: one row at least; running, the oldest transaction that is not over; the rest is NULL where nothing came.
SELECT f.*, s.running
FROM (SELECT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::pg_catalog.text::pg_catalog.int8 AS running) AS s
LEFT JOIN LATERAL pgaudit_py.follow(
    %(after_transaction)s, %(after_id)s, subject_type => %(subject_type)s,
    subject_id => CASE WHEN %(key)s::pg_catalog.text[] IS NOT NULL THEN pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]) END,
    causer_type => %(causer_type)s, causer_id => %(causer_id)s, action => %(action)s, field => %(field)s,
    request_id => %(request_id)s, metadata => %(metadata)s::pg_catalog.jsonb, max_rows => %(max_rows)s
) WITH ORDINALITY AS f ON true
ORDER BY f.ordinality
