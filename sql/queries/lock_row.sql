-- Hold the row that a restore will change.
-- Parameters: subject_type; current_id.
-- Result: its address as text; NULL where there is none.
SELECT pgaudit_py.lock_row(%(subject_type)s, %(current_id)s)::pg_catalog.text
