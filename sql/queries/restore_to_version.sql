-- What restoring a version would do. The text carries every digit, for writing back what was read.
-- Parameters: version: the activity's id.
SELECT r.*, r.wanted::pg_catalog.text AS wanted_text
FROM pgaudit_py.restore_to_version(%(version)s::bigint) AS r
