-- Whose code a restore would run with the caller's rights.
-- Parameters: schema_name, table_name.
SELECT pgaudit_py.restore_warnings(
    pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', %(schema_name)s::pg_catalog.text, %(table_name)s::pg_catalog.text)))
