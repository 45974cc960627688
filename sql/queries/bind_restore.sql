-- Mark what this transaction writes as restored.
-- Parameters: marks: JSON text.
-- Result: the settings as they were before, as JSON text, for unbind_restore.
SELECT pgaudit_py.bind_restore(%(marks)s::pg_catalog.jsonb)::pg_catalog.text
