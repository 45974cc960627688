-- Take from our schema and its objects what ALTER DEFAULT PRIVILEGES, or PUBLIC's own, gave to others than their owner.
--
-- Arguments: oids of the schema, tables, sequences, views and functions, new ones: what an administrator granted since is left.
CREATE OR REPLACE FUNCTION pgaudit_py.revoke_from_others(objects oid[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT DISTINCT 'TABLE' AS kind, c.oid::regclass::text AS name, a.grantee, c.relkind = 'S' AS is_sequence
        FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = ANY (objects) AND a.grantee <> c.relowner
        UNION ALL
        SELECT DISTINCT 'FUNCTION', p.oid::regprocedure::text, a.grantee, false
        FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = ANY (objects) AND a.grantee <> p.proowner
        UNION ALL
        SELECT DISTINCT 'SCHEMA', n.oid::regnamespace::text, a.grantee, false
        FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.oid = ANY (objects) AND n.nspname = 'pgaudit_py' AND a.grantee <> n.nspowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s',
            CASE WHEN given.is_sequence THEN 'SEQUENCE' ELSE given.kind END, given.name,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
    END LOOP;
END
$function$;
