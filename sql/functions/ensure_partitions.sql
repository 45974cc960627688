-- Make the log's partitions for this month and the next ones: SELECT pgaudit_py.ensure_partitions().
--
-- Months in UTC. A month whose activities lie in the default partition already is left there. A table is made and then
-- attached: CREATE TABLE ... PARTITION OF would lock the log, and everybody who writes to an audited table would wait.
-- Arguments: how many months ahead, 0 to 120.
-- Result: the names of the partitions that were made; they belong to the log's owner, whoever makes them.
-- Errors: PGA11 where months is out of range; 55P03 where the default partition stays in use: writers wait behind this, so
-- it gives up after 300 ms.
CREATE OR REPLACE FUNCTION pgaudit_py.ensure_partitions(months integer DEFAULT 3) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' SET lock_timeout = '300ms' AS $function$
DECLARE
    first timestamptz := date_trunc('month', now());
    starts timestamptz;
    ends timestamptz;
    partition text;
    owner CONSTANT name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'pgaudit_py.activity_log'::regclass);
BEGIN
    IF (months BETWEEN 0 AND 120) IS NOT TRUE THEN
        RAISE EXCEPTION 'months is %', months USING ERRCODE = 'PGA11', HINT = 'Give 0 to 120.';
    END IF;
    PERFORM pgaudit_py.guard_log(l.oid) FROM pgaudit_py.log_tables() AS l;
    FOR month IN 0 .. months LOOP
        starts := first + month * '1 month'::interval;
        ends := starts + '1 month'::interval;
        partition := 'activity_log_' || to_char(starts, 'YYYY_MM');
        CONTINUE WHEN to_regclass('pgaudit_py.' || partition) IS NOT NULL OR EXISTS (
            SELECT FROM pgaudit_py.activity_log_default AS d WHERE d.created_at >= starts AND d.created_at < ends);
        EXECUTE format('CREATE TABLE pgaudit_py.%I (LIKE pgaudit_py.activity_log INCLUDING DEFAULTS INCLUDING STORAGE)', partition);
        EXECUTE format('ALTER TABLE pgaudit_py.%I OWNER TO %I', partition, owner);
        PERFORM pgaudit_py.revoke_from_others(ARRAY[to_regclass('pgaudit_py.' || partition)::oid]);
        PERFORM pgaudit_py.guard_log(to_regclass('pgaudit_py.' || partition)::regclass);
        EXECUTE format('ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.%I FOR VALUES FROM (%L) TO (%L)',
            partition, starts, ends);
        RETURN NEXT partition;
    END LOOP;
END
$function$;
