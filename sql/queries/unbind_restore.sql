-- Put back the settings that were in force before bind_restore.
-- Parameters: before: JSON text.
SELECT pgaudit_py.unbind_restore(%(before)s::pg_catalog.jsonb)
