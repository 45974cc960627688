-- List who was granted which role of the audit trail: SELECT * FROM pgaudit_py.roles().
--
-- The access lists in the catalog are the only book, which roles and dumps carry along. Whoever has all that grant_to()
-- grants has the role; who has a part of it, by a GRANT of an administrator's own, has not, and an upgrade gives it nothing.
-- Result: role, as_what; a restorer once, as such. Not the owner; not what comes by being a member of another role.
CREATE OR REPLACE FUNCTION pgaudit_py.roles() RETURNS TABLE (role text, as_what text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH wanted AS (
        SELECT r.as_what, r.privilege, r.kind, r.object, count(*) OVER (PARTITION BY r.as_what) AS number
        FROM pgaudit_py.role_rights() AS r
    ), entry(kind, object, list) AS (
        SELECT 'SCHEMA', oid, nspacl FROM pg_namespace UNION ALL SELECT 'TABLE', oid, relacl FROM pg_class
        UNION ALL SELECT 'FUNCTION', oid, proacl FROM pg_proc
    ), held AS (
        SELECT a.grantee, w.as_what
        FROM wanted AS w
        JOIN entry AS e USING (kind, object)
        CROSS JOIN LATERAL aclexplode(e.list) AS a
        WHERE a.privilege_type = w.privilege
        GROUP BY a.grantee, w.as_what, w.number HAVING count(DISTINCT w.object) = w.number
    )
    SELECT r.rolname::text, h.as_what
    FROM held AS h
    JOIN pg_roles AS r ON r.oid = h.grantee
    JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND n.nspowner <> r.oid
    WHERE h.as_what = 'restorer'
        OR NOT EXISTS (SELECT FROM held AS more WHERE more.grantee = h.grantee AND more.as_what = 'restorer')
    ORDER BY 1, 2
$function$;
