-- Read all rows of a table as the log would write them.
--
-- Arguments: the table; the numbers of its key's columns, NULL for those of key_of(); its columns, NULL for watched_columns(); one of
-- its partitions, for its rows alone.
-- Result: subject_id, NULL where the table has no key; state. Empty where there is no such table. The caller's own
-- rights hold.
CREATE OR REPLACE FUNCTION pgaudit_py.live_rows(
    relation oid, key bigint[] DEFAULT NULL, columns jsonb DEFAULT NULL, leaf oid DEFAULT NULL,
    OUT subject_id text, OUT state jsonb
) RETURNS SETOF record LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' AS $function$
DECLARE
    names text[];
    parts text;
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
    RETURN QUERY EXECUTE format('SELECT %s, %s FROM %s AS live',
        CASE coalesce(cardinality(names), 0)
            WHEN 0 THEN 'NULL::text' WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END,
        pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(coalesce(leaf, relation)));
END
$function$;
