-- What restoring a version would do. The texts carry every digit, for writing back what was read.
-- Parameters: version: the activity's id.
SELECT r.*, r.wanted::text AS wanted_text, (
    SELECT pg_catalog.jsonb_object_agg(k, r.current -> k) FROM pg_catalog.unnest(r.key) AS k
    WHERE r.current IS NOT NULL)::text AS key_text
FROM pgaudit_py.restore_to_version(%(version)s::bigint) AS r
