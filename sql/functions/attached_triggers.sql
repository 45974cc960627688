-- List the triggers that call a tracked table's functions now, whatever table and trigger are called.
--
-- Arguments: the tracked table's id.
-- Result: none where it is not audited; root, the partitioned table where the table is a partition, else the table itself;
-- inherited: whether it came from there, as row triggers of partitions do; for_rows: whether it fires for changes of rows, not for TRUNCATE; enabled: A for
-- always, as installed; as_made: whether it fires for just what install made it for.
CREATE OR REPLACE FUNCTION pgaudit_py.attached_triggers(tracked_id integer)
RETURNS TABLE (oid oid, root oid, inherited boolean, schema_name text, table_name text, trigger_name text, for_rows boolean, enabled text, as_made boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT c.oid, pgaudit_py.root_of(c.oid), t.tgparentid <> 0, n.nspname::text, c.relname::text, t.tgname::text, p.proname = 'capture_' || tracked_id, t.tgenabled::text,
           -- After each row of an INSERT, UPDATE or DELETE, 29; before the statement of a TRUNCATE, 34.
           t.tgtype = CASE p.proname WHEN 'capture_' || tracked_id THEN 29 ELSE 34 END AND t.tgqual IS NULL AND t.tgattr = ''
               AND NOT t.tgdeferrable AND t.tgconstraint = 0
    FROM pg_proc AS p
    JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal
    JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace
        AND p.proname IN ('capture_' || tracked_id, 'capture_' || tracked_id || '_truncate')
    ORDER BY n.nspname, c.relname, t.tgname
$function$;
