-- The triggers that call the functions of a tracked table now, whatever table and trigger are called; those that go with others left out.
-- Also for schemas of earlier releases. Runs under the pinned search_path.
-- Parameters: id: of the tracked table.
SELECT a.schema_name, a.table_name, a.trigger_name
FROM pgaudit_py.attached_triggers(%(id)s) AS a
WHERE NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = a.oid AND t.tgname = a.trigger_name AND t.tgparentid <> 0)
