-- What the records of the tables under audit are called.
SELECT subject_type FROM pgaudit_py.tracked_table WHERE removed_at IS NULL ORDER BY subject_type
