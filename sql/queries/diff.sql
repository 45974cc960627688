-- What differs between two versions.
-- Parameters: from_version, to_version: ids of activities.
SELECT pgaudit_py.diff(%(from_version)s::bigint, %(to_version)s::bigint)
