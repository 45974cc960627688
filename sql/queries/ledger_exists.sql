-- Whether the schema is there at all.
SELECT pg_catalog.to_regclass('pgaudit_py.migration') IS NOT NULL
