-- Make the log's partitions for this month and the next ones.
SELECT * FROM pgaudit_py.ensure_partitions(3)
