-- Whether one may act as a role, or make it. Runs under the pinned search_path.
-- Parameters: role.
-- Result: one row: exists; usable, whether the current user may SET ROLE to it, NULL where it does not exist; makes_roles,
-- whether the current user may make roles; is_superuser; current_role.
SELECT r.oid IS NOT NULL AS exists,
    pg_has_role(r.oid, CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS usable,
    me.rolcreaterole OR me.rolsuper AS makes_roles, me.rolsuper AS is_superuser, me.rolname::text AS current_role
FROM pg_roles AS me LEFT JOIN pg_roles AS r ON r.rolname = %(role)s
WHERE me.rolname = current_user
