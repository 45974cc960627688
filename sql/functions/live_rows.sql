-- Read all rows of a table as the log would write them.
--
-- Arguments: the table; the numbers of its key's columns, NULL for those of key_of(); its columns, NULL for watched_columns(); the
-- limit of one value in bytes, NULL for what a jsonb can hold; one of its partitions, for its rows alone.
-- Result: subject_id, NULL where the table has no key; state; omitted, what is too large, see within_limit(). Empty where there is no
-- such table. The caller's own rights hold.
CREATE OR REPLACE FUNCTION pgaudit_py.live_rows(
    relation oid, key bigint[] DEFAULT NULL, columns jsonb DEFAULT NULL, value_limit bigint DEFAULT NULL, leaf oid DEFAULT NULL,
    OUT subject_id text, OUT state jsonb, OUT omitted jsonb
) RETURNS SETOF record LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off
-- What is read again comes in the same order.
SET synchronize_seqscans = off AS $function$
DECLARE
    names text[];
    parts text;
    key_expression text;
    given bigint := 0;
BEGIN
    IF to_regclass(relation::regclass::text) IS NULL THEN
        RETURN;
    END IF;
    columns := coalesce(columns, pgaudit_py.watched_columns(relation));
    IF key IS NULL THEN
        names := pgaudit_py.key_of(relation);
    ELSE
        SELECT array_agg(c.name ORDER BY array_position(key, (c.description ->> 'attnum')::bigint)) INTO names
        FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::bigint = ANY (key);
        IF cardinality(names) <> cardinality(key) THEN
            names := NULL;  -- a column of it is gone
        END IF;
    END IF;
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(names) WITH ORDINALITY AS k(name, position);
    key_expression := CASE coalesce(cardinality(names), 0)
        WHEN 0 THEN 'NULL::text' WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END;
    BEGIN
        FOR subject_id, state IN EXECUTE format('SELECT %s, %s FROM %s AS live',
            key_expression, pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(coalesce(leaf, relation)))
        LOOP
            IF pg_column_size(state) > value_limit THEN
                SELECT w.kept, w.omitted INTO state, omitted FROM pgaudit_py.within_limit(columns, state, value_limit) AS w;
            ELSE
                omitted := NULL;
            END IF;
            RETURN NEXT;
            given := given + 1;
        END LOOP;
    EXCEPTION WHEN program_limit_exceeded THEN
        -- A value that no jsonb can hold: the rest is read slowly.
        RETURN QUERY EXECUTE format('SELECT s.subject_id, r.state, r.omitted '
                                    'FROM (SELECT %1$s AS subject_id, (live.*)::%2$s AS whole FROM %4$s AS live OFFSET %3$s) AS s '
                                    'CROSS JOIN LATERAL pgaudit_py.row_state($1, s.whole, $2) AS r',
            key_expression, coalesce(leaf, relation)::regclass, given, pgaudit_py.rows_of(coalesce(leaf, relation))) USING columns, value_limit;
    END;
END
$function$;
