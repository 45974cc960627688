-- Our schema, and its tables, sequences, views and functions. Runs under the pinned search_path.
-- Result: one row; their oids.
SELECT ARRAY(
    SELECT oid::bigint FROM pg_namespace WHERE nspname = 'pgaudit_py'
    UNION ALL
    SELECT oid::bigint FROM pg_class WHERE relnamespace = to_regnamespace('pgaudit_py') AND relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT oid::bigint FROM pg_proc WHERE pronamespace = to_regnamespace('pgaudit_py'))
