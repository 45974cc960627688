-- No index but the primary key: the most that fewer indexes could save.
DROP INDEX pgaudit_py.activity_log_subject, pgaudit_py.activity_log_causer, pgaudit_py.activity_log_action,
    pgaudit_py.activity_log_created_at, pgaudit_py.activity_log_transaction;
