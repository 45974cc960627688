-- One page of the log, newest first.
-- Parameters: those of pgaudit_py.activity(); key: text[], the parts of a subject's key, or NULL.
SELECT * FROM pgaudit_py.activity(
    subject_type => %(subject_type)s,
    subject_id => CASE WHEN %(key)s::pg_catalog.text[] IS NOT NULL THEN pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]) END,
    causer_type => %(causer_type)s, causer_id => %(causer_id)s, action => %(action)s, field => %(field)s,
    transaction_id => %(transaction_id)s, request_id => %(request_id)s, since => %(since)s, until => %(until)s,
    metadata => %(metadata)s::pg_catalog.jsonb, before => %(before)s, max_rows => %(max_rows)s)
