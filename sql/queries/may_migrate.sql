-- Whether one may make our schema, or bring it up to date. Runs under the pinned search_path.
-- Result: one row: role, the current one; database; owner of the schema, NULL where there is none; owned, whether the current
-- user is that; member, whether it has that role's rights; creates, whether it may make a schema; grant, what lets it.
SELECT current_user::text AS role, current_database()::text AS database, pg_get_userbyid(n.nspowner)::text AS owner,
    pg_get_userbyid(n.nspowner) = current_user AS owned, pg_has_role(n.nspowner, 'USAGE') AS member,
    has_database_privilege(current_database(), 'CREATE') AS creates,
    format('GRANT CREATE ON DATABASE "%%s" TO "%%s"', replace(current_database(), '"', '""'), replace(current_user, '"', '""')) AS grant
FROM (SELECT) AS nothing LEFT JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py'
