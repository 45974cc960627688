-- Record an event of the application's own.
-- Parameters: action; subject_type; key: text[] or NULL; metadata: JSON text or NULL.
SELECT pgaudit_py.log(
    %(action)s, %(subject_type)s,
    CASE WHEN %(key)s::pg_catalog.text[] IS NOT NULL THEN pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]) END,
    %(metadata)s::pg_catalog.jsonb)
