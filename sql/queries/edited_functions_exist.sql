-- Whether the database can tell which of our functions somebody changed.
SELECT pg_catalog.to_regprocedure('pgaudit_py.edited_functions()') IS NOT NULL
