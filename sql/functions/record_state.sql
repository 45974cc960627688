-- Record one row as it is, as a snapshot: an activity of operation S.
--
-- Called by snapshot_held() and baseline_batch(), with their rights, while the row is held.
-- Arguments: the table; where the row is, its tableoid and ctid; what the records are called; a label, NULL for none.
-- Result: the activity's id. Where the table was altered since its last install, metadata._drift has its columns; what is
-- redacted, too large or cannot be read is named in omitted; metadata._key says where the key is too long for the log.
-- Errors: 42501 where the rows cannot be read, or policies hide some; P0002 where there is no row at the address.
CREATE OR REPLACE FUNCTION pgaudit_py.record_state(relation oid, leaf oid, address tid, subject_type text, label text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off
SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    shape CONSTANT jsonb := pgaudit_py.shape_in_force(relation);
    columns CONSTANT jsonb := pgaudit_py.shape_columns(relation, shape);
    drifted CONSTANT boolean := shape -> 'columns' IS DISTINCT FROM columns;
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    found_row record;
    short boolean;
BEGIN
    IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = leaf AND c.relkind = 'f') THEN
        RAISE EXCEPTION '% is a foreign table', leaf::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT r.state, r.omitted, pgaudit_py.subject_of($1, $2, live.*) AS subject_id FROM %s AS live '
                   'CROSS JOIN LATERAL pgaudit_py.row_state($1, live.*, $4) AS r WHERE live.ctid = $3', pgaudit_py.rows_of(leaf))
    INTO STRICT found_row USING columns, key, address, pgaudit_py.value_limit(shape);
    short := octet_length(found_row.subject_id) <= 2000;  -- else no index of the log could hold it
    RETURN pgaudit_py.write_activity(
        'S', subject_type, CASE WHEN short THEN found_row.subject_id END, NULL, address, address, NULL, found_row.state,
        nullif(coalesce(pgaudit_py.redacted_of(columns), '{}') || coalesce(found_row.omitted, '{}'), '{}'),
        CASE WHEN NOT drifted THEN (shape -> 'id')::integer END,
        nullif(jsonb_strip_nulls(jsonb_build_object('_label', label, '_key', CASE WHEN NOT short THEN 'too long' END))
               || CASE WHEN drifted THEN jsonb_build_object('_drift', columns) ELSE '{}' END || pgaudit_py.place_of(leaf, relation), '{}'),
        'snapshot');
END
$function$;
