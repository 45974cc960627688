-- Make the log's partitions for this month and the next ones: SELECT pgaudit_py.ensure_partitions().
--
-- Months in UTC. A month whose activities lie in the default partition already is left there.
-- Arguments: how many months ahead, 0 to 120.
-- Result: the names of the partitions that were made.
CREATE OR REPLACE FUNCTION pgaudit_py.ensure_partitions(months integer DEFAULT 3) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $function$
DECLARE
    first timestamptz := date_trunc('month', now());
    starts timestamptz;
    ends timestamptz;
    partition text;
BEGIN
    FOR month IN 0 .. months LOOP
        starts := first + month * '1 month'::interval;
        ends := starts + '1 month'::interval;
        partition := 'activity_log_' || to_char(starts, 'YYYY_MM');
        CONTINUE WHEN to_regclass('pgaudit_py.' || partition) IS NOT NULL OR EXISTS (
            SELECT FROM pgaudit_py.activity_log_default AS d WHERE d.created_at >= starts AND d.created_at < ends);
        EXECUTE format('CREATE TABLE pgaudit_py.%I PARTITION OF pgaudit_py.activity_log FOR VALUES FROM (%L) TO (%L)',
            partition, starts, ends);
        RETURN NEXT partition;
    END LOOP;
    PERFORM pgaudit_py.guard_log();
END
$function$;
