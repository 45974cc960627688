-- The event triggers that watch the tables' definitions. Runs under the pinned search_path.
-- Result: one row: made, how many there are; whole, whether both are there, under our names, and enabled always.
SELECT count(*)::integer AS made,
    coalesce(array_agg(concat_ws(' ', e.evtname, e.evtevent, e.evtenabled) ORDER BY e.evtname)
        = '{"pgaudit_py_ddl ddl_command_end A","pgaudit_py_drop sql_drop A"}', false) AS whole
FROM pg_event_trigger AS e
WHERE e.evtfoid = to_regprocedure('pgaudit_py.watch_ddl()') AND e.evttags IS NULL
