-- Bind the settings that mark a restore, or put back what was there before.
-- Parameters: action, metadata, stamp: text, '' for none.
-- Result: nothing of use. Bound for the transaction at most.
SELECT
    pg_catalog.set_config('pgaudit_py.action', %(action)s, true) AS action,
    pg_catalog.set_config('pgaudit_py.metadata', %(metadata)s, true) AS metadata,
    pg_catalog.set_config('pgaudit_py.stamp', %(stamp)s, true) AS stamp
