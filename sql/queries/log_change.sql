-- Record an event of the application's own that changed something.
-- Parameters: action; subject_type; key: text[] or NULL; old, new, metadata: JSON text or NULL.
SELECT pgaudit_py.log_change(
    %(action)s, %(subject_type)s,
    CASE WHEN %(key)s::pg_catalog.text[] IS NOT NULL THEN pgaudit_py.subject_id(%(subject_type)s, %(key)s::pg_catalog.text[]) END,
    %(old)s::pg_catalog.jsonb, %(new)s::pg_catalog.jsonb, %(metadata)s::pg_catalog.jsonb)
