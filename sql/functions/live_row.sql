-- Read a record's row as it is in its table now, written as the log would write it.
--
-- Arguments: the table; the record's key as subject_id has it.
-- Result: the state; NULL where the table has no such row, or is gone, or has no key. The caller's own rights hold.
CREATE OR REPLACE FUNCTION pgaudit_py.live_row(relation oid, subject_id text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' AS $function$
DECLARE
    key text[] := pgaudit_py.key_of(relation);
    state jsonb;
BEGIN
    IF coalesce(key, '{}') = '{}' OR live_row.subject_id IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT %s FROM %s AS live WHERE %s',
        pgaudit_py.state_expression(pgaudit_py.watched_columns(relation), 'live'), pgaudit_py.rows_of(relation),
        pgaudit_py.key_condition(relation, key, 'live', live_row.subject_id))
    INTO state;
    RETURN state;
END
$function$;
