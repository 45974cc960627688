-- The triggers that call the functions of a tracked table now, whatever table and trigger are called.
-- Parameters: function, truncate_function: names in schema pgaudit_py.
SELECT n.nspname AS schema_name, c.relname AS table_name, t.tgname AS trigger_name
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::pg_catalog.regnamespace
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE p.proname IN (%(function)s, %(truncate_function)s) AND NOT t.tgisinternal
ORDER BY 1, 2, 3
