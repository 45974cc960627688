-- Record rows as they are, as snapshots under the label baseline: all at once, for baseline_batch(), which holds the table.
--
-- Arguments: the table; what the records are called; the rows' places in order, tableoid and ctid; every, whether also those rows are
-- recorded of which the log tells everything. It does where they were created under audit, or recorded as a whole
-- before, unless some record came to the key from another: that one's birth may be older than the trail.
-- Result: how many rows were recorded.
-- Errors: those of values that the log cannot hold; 42501 where the caller may not read all rows or not write the log.
CREATE OR REPLACE FUNCTION pgaudit_py.baseline_rows(
    relation oid, subject_type text, leaves oid[], addresses tid[], every boolean
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off
SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off
-- By address and by the log's index, however large both tables are.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $function$
DECLARE
    columns CONSTANT jsonb := pgaudit_py.watched_columns(relation);
    shape CONSTANT pgaudit_py.table_shape := pgaudit_py.newest_shape(relation);
    drifted CONSTANT boolean := shape.columns IS DISTINCT FROM columns;
    who CONSTANT record := pgaudit_py.context();
    marks CONSTANT jsonb := coalesce(who.metadata, '{}') || '{"_label": "baseline"}'
        || CASE WHEN drifted THEN jsonb_build_object('_drift', columns) ELSE '{}' END;
    written bigint;
BEGIN
    EXECUTE format($query$
        INSERT INTO pgaudit_py.activity_log (
            operation, action, subject_type, subject_id, old_tid, new_tid, causer_type, causer_id, ip, user_agent, request_id,
            metadata, snapshot, omitted, shape_id)
        SELECT 'S', 'snapshot', $1, CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END, r.address, r.address,
               $4, $5, $6, $7, $8,
               $9 || CASE WHEN octet_length(r.subject_id) <= 2000 THEN '{}'::jsonb ELSE '{"_key": "too long"}' END || pgaudit_py.place_of(r.leaf, $14),
               w.kept, nullif($10 || coalesce(w.omitted, '{}'), '{}'), $11
        FROM (SELECT picked.leaf, picked.address, picked.ordinal, %s AS subject_id, %s AS state
              FROM unnest($15, $2) WITH ORDINALITY AS picked(leaf, address, ordinal)
              JOIN %s AS live ON live.tableoid = picked.leaf AND live.ctid = picked.address) AS r
        CROSS JOIN LATERAL pgaudit_py.within_limit($12, r.state, $13) AS w
        WHERE $3 OR NOT EXISTS (SELECT FROM pgaudit_py.activity_log AS l WHERE l.subject_type = $1
                                AND l.subject_id = r.subject_id AND l.operation IN ('I', 'S'))
            OR r.subject_id IN (SELECT l.subject_id FROM pgaudit_py.activity_log AS l WHERE l.subject_type = $1
                                AND l.previous_subject_id IS NOT NULL)
        ORDER BY r.ordinal $query$,
        pgaudit_py.subject_expression(pgaudit_py.key_of(relation), 'live'),
        pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(relation))
    USING subject_type, addresses, every, who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id, marks,
        coalesce(pgaudit_py.redacted_of(columns), '{}'), CASE WHEN NOT drifted THEN shape.id END,
        columns, pgaudit_py.value_limit(pgaudit_py.shape_in_force(relation)), relation, leaves;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$function$;
