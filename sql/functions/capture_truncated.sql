-- Record that a table is about to be truncated.
--
-- Up to a limit every row becomes a deletion of its own, which can be restored; above, or where the rows cannot be read,
-- one activity tells the number, and a WARNING says so.
-- Arguments: the table; what its records are called; the shape and fingerprint that its capture function was rendered
-- for; the limit in rows. Never raises.
-- The deletions have no addresses: rows that the same transaction loads again have the same ones, and would seem older.
CREATE OR REPLACE FUNCTION pgaudit_py.capture_truncated(
    relation oid, subject_type text, shape_id integer, fingerprint text, row_limit bigint
) RETURNS void LANGUAGE plpgsql AS $function$
DECLARE
    row_count bigint;      -- NULL: not known
    who record;
    marks jsonb := '{}';
BEGIN
    IF pgaudit_py.fingerprint(relation) IS DISTINCT FROM fingerprint THEN
        shape_id := NULL;
        marks := jsonb_build_object('_drift', pgaudit_py.table_columns(relation));
    END IF;
    BEGIN
        IF NOT row_security_active(relation) THEN
            EXECUTE format('SELECT count(*) FROM ONLY %s', relation::regclass) INTO row_count;
        END IF;
        IF row_count <= row_limit THEN
            who := pgaudit_py.context();
            INSERT INTO pgaudit_py.activity_log (
                operation, action, subject_type, subject_id, causer_type, causer_id, ip, user_agent, request_id,
                metadata, snapshot, shape_id)
            SELECT 'D', coalesce(who.action, 'deleted'), capture_truncated.subject_type, r.subject_id,
                   who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
                   nullif(coalesce(who.metadata, '{}') || marks, '{}'), r.state, capture_truncated.shape_id
            FROM pgaudit_py.live_rows(relation) AS r;
            RETURN;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        NULL;  -- the rows cannot be read: the truncation is recorded as such
    END;
    RAISE WARNING 'pgaudit-py: TRUNCATE of % is recorded without its rows (%)', relation::regclass,
        coalesce(row_count || ' rows, the limit is ' || row_limit, 'they cannot be read');
    PERFORM pgaudit_py.write_activity('T', subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        jsonb_build_object('_rows', row_count));
END
$function$;
