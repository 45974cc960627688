-- Record the next rows of a table as they are, so that the log alone tells the state of every row older than itself.
--
-- To be called again and again, in a transaction each, until it is done; it goes on where the last one that was committed
-- came to. Writers wait meanwhile: the table is locked in SHARE mode, so that each row is recorded in its place among its
-- changes. With the rights of its caller, who owns the table and the log.
-- Arguments: subject_type; batch_rows: how many rows are read at most; again: begin anew where it is done.
-- Result: outcome: taken where it began with this call, continued, or unchanged where it was done; rows and read, how many
-- were recorded and looked at by this call; total and passed, by all; done; estimated, how many rows the table has, as the
-- planner believes, NULL where it does not know; seconds that writers had to wait at least.
-- Fewer rows are read where they cannot be recorded at once; one that cannot alone either, since a value is too large, is
-- recorded without it, which omitted names.
-- Errors: PGA03 where the table is not tracked; PGA04 where it has no key; PGA11 where batch_rows is no number from 1 on, or
-- the transaction not READ COMMITTED; 42501 where the caller has not the rights.
CREATE OR REPLACE FUNCTION pgaudit_py.baseline_batch(
    subject_type text, batch_rows integer, again boolean DEFAULT false, OUT outcome text, OUT rows bigint, OUT read bigint,
    OUT total bigint, OUT passed bigint, OUT done boolean, OUT estimated bigint, OUT seconds double precision
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off SET max_parallel_workers_per_gather = 0
SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    held record;
    leaves oid[];
    addresses tid[];
    last_key jsonb;
    began timestamptz;
BEGIN
    PERFORM pgaudit_py.check_baseline(subject_type, relation, key, batch_rows);
    held := pgaudit_py.baseline_position(subject_type, relation, key, again);
    done := (held.reached -> 'done')::boolean;
    outcome := CASE WHEN done THEN 'unchanged' WHEN held.reached -> 'after' = 'null' THEN 'taken' ELSE 'continued' END;
    SELECT sum(c.reltuples) FILTER (WHERE c.reltuples >= 0) INTO estimated FROM pg_class AS c
    WHERE c.oid IN (SELECT t.relid FROM pg_partition_tree(relation) AS t WHERE t.isleaf UNION SELECT relation) AND c.relkind <> 'p';
    rows := 0;
    read := 0;
    seconds := 0;
    IF NOT done THEN
        EXECUTE format('LOCK TABLE %s IN SHARE MODE', pgaudit_py.rows_of(relation));
        began := clock_timestamp();
        EXECUTE format('SELECT array_agg(p.leaf), array_agg(p.address) FROM (%s) AS p', pgaudit_py.keyset_query(relation, key,
            nullif(ARRAY(SELECT jsonb_array_elements_text(nullif(held.reached -> 'after', 'null'))), '{}'), batch_rows))
        INTO leaves, addresses;
        SELECT s.rows, s.read INTO rows, read
        FROM pgaudit_py.baseline_some(relation, subject_type, leaves, addresses, (held.reached -> 'every')::boolean) AS s;
        done := read < batch_rows AND read = coalesce(cardinality(addresses), 0);
        IF read > 0 THEN
            EXECUTE format('SELECT jsonb_build_array(%s) FROM %s AS live WHERE live.tableoid = $1 AND live.ctid = $2',
                (SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position)
                 FROM unnest(key) WITH ORDINALITY AS k(name, position)), pgaudit_py.rows_of(relation))
            INTO STRICT last_key USING leaves[read], addresses[read];
        END IF;
        UPDATE pgaudit_py.tracked_table SET baseline = held.reached || jsonb_build_object(
            'after', coalesce(last_key, held.reached -> 'after'), 'done', done,
            'rows', (held.reached -> 'rows')::bigint + rows, 'read', (held.reached -> 'read')::bigint + read)
        WHERE id = held.id;
        seconds := extract(epoch FROM clock_timestamp() - began);
    END IF;
    total := (held.reached -> 'rows')::bigint + rows;
    passed := (held.reached -> 'read')::bigint + read;
END
$function$;
