-- Find what would lose the log's rows, hide them, or keep its owner from writing them; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_log() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH log AS (
        SELECT l.name, l.is_root, c.* FROM pgaudit_py.log_tables() AS l JOIN pg_class AS c ON c.oid = l.oid
    ), ours AS (
        SELECT log.name, log.relowner FROM log
        UNION
        SELECT c.oid::regclass::text, c.relowner FROM pg_class AS c
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relname IN ('migration', 'tracked_table', 'table_shape', 'versions')
    )
    SELECT 'wrong', log.name, 'it is UNLOGGED: a crash empties it', format('Run `ALTER TABLE %s SET LOGGED`.', log.name)
    FROM log WHERE log.relpersistence = 'u'
    UNION ALL
    SELECT 'wrong', log.name, 'row security is forced on its owner: capture functions may be refused, and writes with them',
        format('Run `ALTER TABLE %s NO FORCE ROW LEVEL SECURITY`.', log.name)
    FROM log WHERE log.relforcerowsecurity
    UNION ALL
    SELECT 'note', log.name, 'row security is on: readers see of it what its policies let them, and a history may have gaps for them',
        format('Where nobody wants that, run `ALTER TABLE %s DISABLE ROW LEVEL SECURITY`.', log.name)
    FROM log WHERE log.is_root AND log.relrowsecurity
    UNION ALL
    SELECT 'wrong', ours.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(ours.relowner)),
        format('Run `ALTER TABLE %s OWNER TO %I`.', ours.name, pg_get_userbyid(n.nspowner))
    FROM ours JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND n.nspowner <> ours.relowner
$function$;
