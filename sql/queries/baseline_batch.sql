-- Record the next rows of a table as they are.
-- Parameters: subject_type; batch_rows; again.
-- Result: one row, see pgaudit_py.baseline_batch().
SELECT * FROM pgaudit_py.baseline_batch(%(subject_type)s, %(batch_rows)s::pg_catalog.int4, %(again)s::pg_catalog.bool)
