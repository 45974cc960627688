-- transaction_id indexed by BRIN.
DROP INDEX pgaudit_py.activity_log_transaction;
CREATE INDEX ON pgaudit_py.activity_log USING brin (transaction_id);
