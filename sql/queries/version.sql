-- The state after an activity.
-- Parameters: version: the activity's id.
SELECT pgaudit_py.version(%(version)s::bigint)
