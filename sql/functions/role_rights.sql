-- List what each role of the audit trail may do with our schema: what grant_to() grants, no more and no less.
--
-- Reading goes through the root of the log, so no partition needs a grant. Which tables are audited, and their columns, is
-- for all three, to tell which record is meant: it stands in the catalog, for everybody, anyhow.
-- Result: as_what: app, reader or restorer, who has all that the other two have; privilege; kind: SCHEMA, TABLE or
-- FUNCTION; object; name, the object's, quoted.
CREATE OR REPLACE FUNCTION pgaudit_py.role_rights()
RETURNS TABLE (as_what text, privilege text, kind text, object oid, name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH given(class, privilege, kind, object, name) AS (
        SELECT 'common', 'USAGE', 'SCHEMA', n.oid, n.oid::regnamespace::text
        FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py'
        UNION ALL
        SELECT t.class, 'SELECT', 'TABLE', c.oid, c.oid::regclass::text
        FROM (VALUES ('common', 'tracked_table'), ('common', 'table_shape'), ('reader', 'activity_log'), ('reader', 'migration'),
                     ('reader', 'versions')) AS t(class, name)
        JOIN pg_class AS c ON c.relname = t.name AND c.relnamespace = 'pgaudit_py'::regnamespace
        UNION ALL
        SELECT f.class, 'EXECUTE', 'FUNCTION', p.oid, p.oid::regprocedure::text
        FROM pgaudit_py.function_roles() AS f
        JOIN pg_proc AS p ON p.proname = f.function_name AND p.pronamespace = 'pgaudit_py'::regnamespace
    )
    SELECT r.as_what, g.privilege, g.kind, g.object, g.name
    FROM (VALUES ('app', '{common,app}'::text[]), ('reader', '{common,reader}'),
                 ('restorer', '{common,app,reader,restorer}')) AS r(as_what, classes)
    JOIN given AS g ON g.class = ANY (r.classes)
$function$;
