-- transaction_id not indexed.
DROP INDEX pgaudit_py.activity_log_transaction;
