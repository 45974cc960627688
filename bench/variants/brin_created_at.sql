-- created_at indexed by BRIN.
DROP INDEX pgaudit_py.activity_log_created_at;
CREATE INDEX ON pgaudit_py.activity_log USING brin (created_at);
