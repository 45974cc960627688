-- Whose our schema is. Runs under the pinned search_path.
-- Result: owner; owned, whether the current user has that role's rights. None where there is no schema.
SELECT pg_get_userbyid(nspowner)::text AS owner, pg_has_role(nspowner, 'USAGE') AS owned
FROM pg_namespace WHERE nspname = 'pgaudit_py'
