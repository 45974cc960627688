-- Read all rows of a table as the log would write them.
--
-- Result: subject_id, NULL where the table has no key; state. Empty where there is no such table. The caller's own
-- rights hold.
CREATE OR REPLACE FUNCTION pgaudit_py.live_rows(relation oid, OUT subject_id text, OUT state jsonb)
RETURNS SETOF record LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' AS $function$
DECLARE
    shape record;
    parts text;
BEGIN
    SELECT * INTO shape FROM pgaudit_py.inspect_table(relation);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(shape.key) WITH ORDINALITY AS k(name, position);
    RETURN QUERY EXECUTE format('SELECT %s, %s FROM ONLY %s AS live',
        CASE cardinality(shape.key)
            WHEN 0 THEN 'NULL::text' WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END,
        pgaudit_py.state_expression(pgaudit_py.table_columns(relation), 'live'), relation::regclass);
END
$function$;
