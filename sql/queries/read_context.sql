-- What is bound to the transaction now, as far as a restore changes it.
-- Parameters: marks: JSON text, to be laid over the metadata.
-- Result: action, metadata, stamp as they are, '' for none; restored, the metadata with the marks; now, the
-- stamp of this transaction.
SELECT
    coalesce(pg_catalog.current_setting('pgaudit_py.action', true), '') AS action,
    coalesce(pg_catalog.current_setting('pgaudit_py.metadata', true), '') AS metadata,
    coalesce(pg_catalog.current_setting('pgaudit_py.stamp', true), '') AS stamp,
    pg_catalog.concat(
        CASE WHEN pg_catalog.current_setting('pgaudit_py.metadata', true) <> ''
             THEN pgaudit_py.parse_metadata(pg_catalog.current_setting('pgaudit_py.metadata', true)) ELSE '{}' END
        || %(marks)s::jsonb) AS restored,
    extract(epoch FROM pg_catalog.now())::text AS now
