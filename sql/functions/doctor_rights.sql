-- Find rights in our schema that nobody but its owner should have; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_rights() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH entry(kind, name, privilege, grantee, harm) AS (
        SELECT 'FUNCTION', o.name, a.privilege_type, a.grantee,
            CASE WHEN a.grantee = 0 THEN 'everybody may execute it'
                 WHEN o.class = 'capture' THEN '%s may execute it, and so put it on another table to forge what is recorded'
                 ELSE '%s may execute it, which is for the owner alone' END
        FROM pgaudit_py.own_functions() AS o
        JOIN pg_proc AS p ON p.oid = o.oid
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        -- What is none of ours should not be there at all.
        WHERE a.grantee <> p.proowner AND ((a.grantee = 0 AND o.class IS NOT NULL) OR o.class IN ('capture', 'internal'))
            -- The owner of a partitioned table has to, to create partitions; and could as well write what it likes into it.
            AND NOT EXISTS (
                SELECT FROM pgaudit_py.tracked_table AS k JOIN pg_class AS t ON t.oid = pgaudit_py.own_table(k.id)
                WHERE p.proname = 'capture_' || k.id AND k.partitions IS NOT NULL AND t.relowner = a.grantee)
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, a.privilege_type || a.columns, a.grantee,
            CASE WHEN a.privilege_type = 'SELECT' THEN 'everybody may read it' ELSE '%s may ' || a.privilege_type || ', and so forge what is recorded' END
        FROM pg_class AS c
        CROSS JOIN LATERAL (
            SELECT a.privilege_type, a.grantee, '' AS columns FROM aclexplode(c.relacl) AS a
            UNION ALL
            SELECT a.privilege_type, a.grantee, format(' (%I)', t.attname)
            FROM pg_attribute AS t CROSS JOIN LATERAL aclexplode(t.attacl) AS a WHERE t.attrelid = c.oid AND NOT t.attisdropped) AS a
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') AND a.grantee <> c.relowner
            AND (a.privilege_type <> 'SELECT' OR a.grantee = 0) AND a.privilege_type <> 'MAINTAIN'
        UNION ALL
        SELECT 'SCHEMA', n.nspname, a.privilege_type, a.grantee,
            CASE WHEN a.privilege_type = 'CREATE' THEN '%s may put functions and tables there, which run and are read as ours' ELSE 'everybody may enter it' END
        FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.nspname = 'pgaudit_py' AND a.grantee <> n.nspowner AND (a.grantee = 0 OR a.privilege_type = 'CREATE')
    )
    SELECT 'wrong', e.name, format(e.harm, CASE e.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(e.grantee) END),
        format('Run `REVOKE %s ON %s %s FROM %s CASCADE`.', e.privilege, e.kind, e.name,
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END)
    FROM entry AS e
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('%s may write every table, the log too, as a member of pg_write_all_data', pg_get_userbyid(m.member)),
        format('Run `REVOKE pg_write_all_data FROM %I`.', pg_get_userbyid(m.member))
    FROM pg_auth_members AS m WHERE m.roleid = 'pg_write_all_data'::regrole
$function$;
