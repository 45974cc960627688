-- Where the log, folded, is not the table.
-- Parameters: subject_type.
SELECT * FROM pgaudit_py.verify_table(%(subject_type)s)
