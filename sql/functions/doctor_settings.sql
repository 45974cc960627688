-- Find settings of ours that outlive a transaction: whoever writes would be taken for somebody else; see doctor().
--
-- What set_actor() bound in the transaction that looks is as it should be.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_settings() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH setting AS (
        SELECT s.name, nullif(current_setting('pgaudit_py.' || s.name, true), '') AS value
        FROM unnest('{causer_type,causer_id,ip,user_agent,request_id,metadata,action}'::text[]) AS s(name)
    ), stamp AS (
        SELECT nullif(current_setting('pgaudit_py.stamp', true), '') AS bound, extract(epoch FROM now())::text AS fresh
    ), kept AS (
        SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole)::text WHEN s.setdatabase <> 0 THEN 'this database' ELSE 'every role' END AS about,
            split_part(c.entry, '=', 1) AS name,
            CASE WHEN s.setrole = 0 AND s.setdatabase <> 0 THEN 'DATABASE ' || quote_ident(current_database())
                 ELSE concat_ws(' IN DATABASE ',
                     'ROLE ' || CASE s.setrole WHEN 0 THEN 'ALL' ELSE quote_ident(pg_get_userbyid(s.setrole)) END,
                     CASE WHEN s.setdatabase <> 0 THEN quote_ident(current_database()) END) END AS place
        FROM pg_db_role_setting AS s CROSS JOIN LATERAL unnest(s.setconfig) AS c(entry)
        WHERE c.entry LIKE 'pgaudit\_py.%' AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
    )
    SELECT CASE WHEN stamp.bound IS NULL THEN 'wrong' ELSE 'note' END, 'this session',
        format(CASE WHEN stamp.bound IS NULL THEN 'it says who is acting, and no transaction bound that: %s; its writes are recorded so, marked _bare'
                    ELSE 'somebody said for all of this session who is acting: %s; that is known to be stale, and not believed' END,
            string_agg(format('%s %s', s.name, left(s.value, 40)), ', ' ORDER BY s.name)),
        'Run `RESET ALL`, or have the pooler do it between clients; bind by set_actor, which ends with the transaction.'
    FROM setting AS s CROSS JOIN stamp
    WHERE s.value IS NOT NULL AND stamp.bound IS DISTINCT FROM stamp.fresh
    GROUP BY stamp.bound
    UNION ALL
    SELECT 'wrong', kept.about,
        format('new sessions begin with %s set: their writes are recorded as somebody''s', kept.name),
        format('Run `ALTER %s RESET %s`, and end older sessions.', kept.place, kept.name)
    FROM kept
$function$;
