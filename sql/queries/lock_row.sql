-- Hold the row that a restore will change.
-- Parameters: subject_type; current_id.
-- Result: partitioned, whether its table is; leaf, oid of the table that it is in, and address there, as text; NULL where there is none.
SELECT r.partitioned, r.leaf::pg_catalog.int8, r.address::pg_catalog.text
FROM pgaudit_py.lock_row(%(subject_type)s, %(current_id)s) AS r
