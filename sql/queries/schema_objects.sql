-- Our schema, and its tables, sequences, views and functions, by name. Runs under the pinned search_path.
-- Result: one row; an array of texts: pgaudit_py, pgaudit_py.activity_log, pgaudit_py.log(text,text,text,jsonb), …
SELECT ARRAY(
    SELECT nspname::text FROM pg_namespace WHERE nspname = 'pgaudit_py'
    UNION ALL
    SELECT oid::regclass::text FROM pg_class WHERE relnamespace = to_regnamespace('pgaudit_py') AND relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = to_regnamespace('pgaudit_py'))
