-- Say what the current user, or this database, leaves undone for want of a privilege; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_caller() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
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
    WHERE (SELECT count(DISTINCT e.evtevent) FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = e.evtfoid
           WHERE p.pronamespace = 'pgaudit_py'::regnamespace) < 2
    UNION ALL
    SELECT 'wrong', format('event trigger %I', e.evtname), 'it does not fire in every session', format('Run `ALTER EVENT TRIGGER %I ENABLE ALWAYS`.', e.evtname)
    FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = e.evtfoid AND p.pronamespace = 'pgaudit_py'::regnamespace WHERE e.evtenabled <> 'A'
$function$;
