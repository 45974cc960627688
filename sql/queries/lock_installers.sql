-- Let one installer or migrator work at a time, until its transaction ends.
-- The number is md5('pgaudit_py'), cut to a bigint: the same in every release.
SELECT pg_catalog.pg_advisory_xact_lock(('x' || pg_catalog.substr(pg_catalog.md5('pgaudit_py'), 1, 16))::bit(64)::bigint)
