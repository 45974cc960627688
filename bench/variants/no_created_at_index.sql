-- created_at not indexed, but for its place behind the action and the id.
DROP INDEX pgaudit_py.activity_log_created_at;
