-- Our schema, and its tables, sequences, views and functions, by name. Runs under the pinned search_path.
-- Result: one row; the oid of each: {"pgaudit_py": 1, "pgaudit_py.activity_log": 2, "pgaudit_py.log(text,text,text,jsonb)": 3, ...}.
SELECT coalesce(jsonb_object_agg(o.name, o.oid::bigint), '{}') FROM (
    SELECT nspname::text AS name, oid FROM pg_namespace WHERE nspname = 'pgaudit_py'
    UNION ALL
    SELECT oid::regclass::text, oid FROM pg_class WHERE relnamespace = to_regnamespace('pgaudit_py') AND relkind IN ('r', 'p', 'v', 'S')
    UNION ALL
    SELECT oid::regprocedure::text, oid FROM pg_proc WHERE pronamespace = to_regnamespace('pgaudit_py')) AS o
