-- Read a record's row as it is in its table now, written as the log would write it, but however large its values are.
--
-- Arguments: the table; the record's key as subject_id has it.
-- Result: the state, NULL where the table has no such row, or is gone, or has no key; omitted, what no jsonb can hold, as
-- row_state() gives it. The caller's own rights hold.
CREATE OR REPLACE FUNCTION pgaudit_py.live_state(relation oid, subject_id text, OUT state jsonb, OUT omitted jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    columns jsonb;
    condition text;
BEGIN
    IF coalesce(key, '{}') = '{}' OR live_state.subject_id IS NULL THEN
        RETURN;
    END IF;
    columns := pgaudit_py.watched_columns(relation);
    condition := format('WHERE %s', pgaudit_py.key_condition(relation, key, 'live', live_state.subject_id));
    BEGIN
        EXECUTE format('SELECT %s FROM %s AS live %s', pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(relation), condition) INTO state;
    EXCEPTION WHEN program_limit_exceeded THEN
        EXECUTE format('SELECT r.* FROM %s AS live CROSS JOIN LATERAL pgaudit_py.row_state($1, live.*, NULL) AS r %s',
                       pgaudit_py.rows_of(relation), condition) INTO state, omitted USING columns;
    END;
END
$function$;
