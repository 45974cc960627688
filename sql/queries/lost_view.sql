-- Whether the view of the schema is gone, without which functions of ours cannot be made.
-- Result: a finding, or none.
SELECT 'wrong' AS state, 'pgaudit_py.versions' AS about, 'it is gone' AS detail,
    'Run `CREATE VIEW pgaudit_py.versions WITH (security_invoker = true) AS SELECT id, created_at, transaction_id, operation, action, subject_type, subject_id, previous_subject_id, causer_type, causer_id, metadata ->> ''_label'' AS label, snapshot IS NOT NULL AS stored FROM pgaudit_py.activity_log WHERE operation IN (''I'', ''U'', ''D'', ''S'')`, then `pgaudit-py migrate`, and grant to readers again.' AS fix
WHERE pg_catalog.to_regclass('pgaudit_py.activity_log') IS NOT NULL AND pg_catalog.to_regclass('pgaudit_py.versions') IS NULL
