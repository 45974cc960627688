-- Let one installer or migrator work at a time, until its transaction ends. Runs under the pinned search_path.
-- The number is md5('pgaudit_py'), cut to a bigint: the same in every release.
SELECT pg_advisory_xact_lock(('x' || substr(md5('pgaudit_py'), 1, 16))::bit(64)::bigint)
