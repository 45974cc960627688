-- Find transactions that hold back whoever follows the log; see doctor(), and follow().
--
-- Those of other databases of the cluster count as well.
-- Arguments: how long one may take; a prepared one, which nobody may be about to end, is wrong beyond that.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_transactions(longest interval DEFAULT '15 minutes')
RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT 'wrong', 'this cluster',
        format('the prepared transaction %s of database %s waits since %s: who follows the log gets nothing younger', p.gid, p.database, date_trunc('second', p.prepared)),
        format('Run `ROLLBACK PREPARED %L`, or COMMIT PREPARED, in database %s.', p.gid, p.database)
    FROM pg_prepared_xacts AS p WHERE p.prepared < clock_timestamp() - longest
    UNION ALL
    SELECT 'note', 'this cluster',
        format('a transaction of %s in database %s runs since %s: who follows the log gets nothing younger', a.usename, a.datname, date_trunc('second', a.xact_start)),
        format('Have it end; else run `SELECT pg_terminate_backend(%s)`.', a.pid)
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.xact_start < clock_timestamp() - longest AND a.pid <> pg_backend_pid()
    UNION ALL
    SELECT 'limited', 'this cluster', format('%s may not see how long transactions of other roles run, which hold back whoever follows the log', current_user),
        format('Run `GRANT pg_read_all_stats TO %I`, as a superuser.', current_user)
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.xact_start IS NULL AND NOT pg_has_role('pg_read_all_stats', 'USAGE')
    HAVING count(*) > 0
$function$;
