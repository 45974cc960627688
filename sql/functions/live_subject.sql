-- Find the row of a table that has an equal key, and write that key as it stands there.
--
-- Arguments: the table; the key's columns in order; the key as subject_id. Result: subject_id; NULL where there is no such row.
CREATE OR REPLACE FUNCTION pgaudit_py.live_subject(relation oid, key text[], subject_id text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    parts text;
    found_id text;
BEGIN
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(key) WITH ORDINALITY AS k(name, position);
    EXECUTE format('SELECT %s FROM %s AS live WHERE %s',
        CASE cardinality(key) WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END, pgaudit_py.rows_of(relation),
        pgaudit_py.key_condition(relation, key, 'live', subject_id))
    INTO found_id;
    RETURN found_id;
END
$function$;
