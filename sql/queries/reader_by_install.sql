-- Who was let to read a table by its install, so that an uninstall takes it back. Runs under the pinned search_path.
-- Parameters: id: of the tracked table; note: the comment that says so.
-- Result: the role; no row where it was not install that let it.
SELECT pg_get_userbyid(p.proowner)::text
FROM pg_proc AS p
WHERE p.oid = to_regprocedure(format('pgaudit_py.capture_%%s_truncate()', %(id)s::integer)) AND obj_description(p.oid, 'pg_proc') = %(note)s
