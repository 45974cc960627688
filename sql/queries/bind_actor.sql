-- Bind an actor to the current transaction.
-- Parameters: causer_type, causer_id, ip, user_agent, request_id, metadata: text, '' for unknown;
--             stamped: boolean, false to clear.
-- Result: one row that repeats the settings.
-- Every setting is always set, so that two actors never mix. Nothing here depends on the search_path or needs
-- a privilege on schema pgaudit_py. The stamp proves to the triggers that the values belong to this very
-- transaction: one that a session-level SET leaked from another transaction carries another time.
SELECT
    pg_catalog.set_config('pgaudit_py.causer_type', %(causer_type)s, true) AS causer_type,
    pg_catalog.set_config('pgaudit_py.causer_id', %(causer_id)s, true) AS causer_id,
    pg_catalog.set_config('pgaudit_py.ip', %(ip)s, true) AS ip,
    pg_catalog.set_config('pgaudit_py.user_agent', %(user_agent)s, true) AS user_agent,
    pg_catalog.set_config('pgaudit_py.request_id', %(request_id)s, true) AS request_id,
    pg_catalog.set_config('pgaudit_py.metadata', %(metadata)s, true) AS metadata,
    pg_catalog.set_config('pgaudit_py.action', '', true) AS action,
    pg_catalog.set_config('pgaudit_py.stamp',
        CASE WHEN %(stamped)s THEN extract(epoch FROM pg_catalog.now())::pg_catalog.text ELSE '' END,
        true) AS stamp
