-- Look for what weakens the audit trail: SELECT * FROM pgaudit_py.doctor().
--
-- How the audited tables are is told by `pgaudit-py status`, which knows what they should look like.
-- Result: state: wrong, for what should not be; limited, for what a missing privilege leaves undone; what it is about; the
-- detail; the fix. None where all is well. Nothing is written.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH log AS (
        SELECT c.oid, c.oid::regclass::text AS name, c.relowner, c.relpersistence, c.relforcerowsecurity,
               c.oid = 'pgaudit_py.activity_log'::regclass AS is_root
        FROM pg_class AS c
        WHERE c.oid = 'pgaudit_py.activity_log'::regclass
            OR EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid AND i.inhparent = 'pgaudit_py.activity_log'::regclass)
    ), own_function AS (
        SELECT p.oid, p.oid::regprocedure::text AS name, p.proowner, p.prosecdef, p.proconfig, p.proacl, n.nspowner
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = 'pgaudit_py'
    )
    SELECT 'wrong', log.name, 'changes of it are not refused', 'Run `pgaudit-py migrate`.'
    FROM log WHERE NOT EXISTS (
        SELECT FROM pg_trigger AS t WHERE t.tgrelid = log.oid AND t.tgname = 'append_only')
    UNION ALL
    SELECT 'wrong', log.name, 'changes of it are not refused in every session',
        format('Run ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only.', log.name)
    FROM log JOIN pg_trigger AS t ON t.tgrelid = log.oid AND t.tgname = 'append_only' AND t.tgenabled <> 'A'
    UNION ALL
    SELECT 'wrong', log.name, 'it is UNLOGGED: a crash empties it', format('Run ALTER TABLE %s SET LOGGED.', log.name)
    FROM log WHERE log.relpersistence = 'u'
    UNION ALL
    SELECT 'wrong', log.name, 'row security is forced on its owner: capture functions may be refused, and writes with them',
        format('Run ALTER TABLE %s NO FORCE ROW LEVEL SECURITY.', log.name)
    FROM log WHERE log.relforcerowsecurity
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its ids are cached by %s: the order of one row''s changes is lost', s.seqcache),
        'Run ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET CACHE 1, and end older sessions.'
    FROM pg_sequence AS s
    WHERE s.seqrelid = pg_get_serial_sequence('pgaudit_py.activity_log', 'id')::regclass AND s.seqcache > 1
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('it has no partition for %s: its rows go to the default one', to_char(month.starts, 'YYYY-MM')),
        'Run `pgaudit-py migrate`, each month.'
    FROM (VALUES (date_trunc('month', now(), 'UTC')), (date_trunc('month', now(), 'UTC') + '1 month'::interval)) AS month(starts)
    WHERE to_regclass('pgaudit_py.activity_log_' || to_char(month.starts AT TIME ZONE 'UTC', 'YYYY_MM')) IS NULL
    UNION ALL
    SELECT 'wrong', f.name, 'everybody may execute it', format('Run REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC.', f.name)
    FROM own_function AS f
    WHERE EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a WHERE a.grantee = 0)
    UNION ALL
    SELECT 'wrong', f.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(f.proowner)),
        format('Run ALTER FUNCTION %s OWNER TO %I.', f.name, pg_get_userbyid(f.nspowner))
    FROM own_function AS f WHERE f.proowner <> f.nspowner
    UNION ALL
    SELECT 'wrong', f.name, 'it runs with its owner''s rights, and names mean in it what its caller wants',
        'Run `pgaudit-py migrate` and `pgaudit-py sync`.'
    FROM own_function AS f
    WHERE f.prosecdef AND NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(f.proconfig, '{}'))
    UNION ALL
    SELECT 'wrong', log.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(log.relowner)),
        format('Run ALTER TABLE %s OWNER TO %I.', log.name, pg_get_userbyid(n.nspowner))
    FROM log JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' WHERE log.relowner <> n.nspowner
    UNION ALL
    SELECT 'limited', 'pgaudit_py', format('%s may not migrate: the schema belongs to %s', current_user, pg_get_userbyid(n.nspowner)),
        CASE WHEN pg_has_role(n.nspowner, 'USAGE')
            THEN format('Connect as %1$s; or name it, where you trust it: --owner %1$s.', pg_get_userbyid(n.nspowner))
            ELSE format('Connect as %s for migrate and install.', pg_get_userbyid(n.nspowner)) END
    FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py' AND pg_get_userbyid(n.nspowner) <> current_user
    UNION ALL
    -- Whoever may not migrate has been told so: for it, this would be no news.
    SELECT 'limited', k.subject_type,
        format('%s may neither sync nor uninstall it: %s belongs to %s', current_user, c.oid::regclass, pg_get_userbyid(c.relowner)),
        format('Connect as %1$s, or as a member of that role.', pg_get_userbyid(c.relowner))
    FROM pgaudit_py.tracked_table AS k
    JOIN pg_class AS c ON c.oid = pgaudit_py.live_table(k.subject_type)
    JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND pg_has_role(n.nspowner, 'USAGE')
    WHERE k.removed_at IS NULL AND NOT pg_has_role(c.relowner, 'USAGE')
    UNION ALL
    SELECT 'limited', 'this database',
        'no event trigger watches the tables: that one is altered, or its trigger dropped or disabled, is noticed by `pgaudit-py status` only',
        'Have a superuser run `pgaudit-py migrate --event-trigger`; or run `pgaudit-py status` regularly: it exits with 3 where something is wrong.'
    WHERE (SELECT count(DISTINCT e.evtevent) FROM pg_event_trigger AS e JOIN own_function AS f ON f.oid = e.evtfoid) < 2
    UNION ALL
    SELECT 'wrong', format('event trigger %I', e.evtname), 'it does not fire in every session', format('Run ALTER EVENT TRIGGER %I ENABLE ALWAYS.', e.evtname)
    FROM pg_event_trigger AS e JOIN own_function AS f ON f.oid = e.evtfoid WHERE e.evtenabled <> 'A'
$function$;
