-- previous_subject_id not indexed: reading a history looks at all of its table's activities.
DROP INDEX pgaudit_py.activity_log_previous;
