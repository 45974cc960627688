-- The triggers that call the functions of a tracked table now, whatever table and trigger are called.
-- Parameters: id: of the tracked table.
SELECT schema_name, table_name, trigger_name FROM pgaudit_py.attached_triggers(%(id)s)
