-- Search the log, newest first: SELECT * FROM pgaudit_py.activity(causer_id => '42', since => now() - '2 days'::interval).
--
-- Arguments, each NULL for any: what it is about; who; the action; a field that changed; transaction; request; time from
-- and to, both included; an object that metadata contains; before: only activities with a smaller id, for the next
-- page; max_rows: 1 and more.
-- Result: rows of activity_log. Only the filters that are used are part of the query, which is planned for their values:
-- a plan that has to serve for all of them reads the whole log.
CREATE OR REPLACE FUNCTION pgaudit_py.activity(
    subject_type text DEFAULT NULL, subject_id text DEFAULT NULL, causer_type text DEFAULT NULL,
    causer_id text DEFAULT NULL, action text DEFAULT NULL, field text DEFAULT NULL, transaction_id bigint DEFAULT NULL,
    request_id text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    metadata jsonb DEFAULT NULL, before bigint DEFAULT NULL, max_rows integer DEFAULT 100
) RETURNS SETOF pgaudit_py.activity_log LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RETURN QUERY EXECUTE concat_ws(' AND ', 'SELECT l.* FROM pgaudit_py.activity_log AS l WHERE true',
        CASE WHEN subject_type IS NOT NULL THEN 'l.subject_type = $1' END,
        CASE WHEN subject_id IS NOT NULL THEN 'l.subject_id = $2' END,
        CASE WHEN causer_type IS NOT NULL THEN 'l.causer_type = $3' END,
        CASE WHEN causer_id IS NOT NULL THEN 'l.causer_id = $4' END,
        CASE WHEN action IS NOT NULL THEN 'l.action = $5' END,
        CASE WHEN field IS NOT NULL THEN 'l.changes ? $6' END,
        CASE WHEN transaction_id IS NOT NULL THEN 'l.transaction_id = $7' END,
        CASE WHEN request_id IS NOT NULL THEN 'l.request_id = $8' END,
        CASE WHEN since IS NOT NULL THEN 'l.created_at >= $9' END,
        CASE WHEN until IS NOT NULL THEN 'l.created_at <= $10' END,
        CASE WHEN metadata IS NOT NULL THEN 'l.metadata @> $11' END,
        CASE WHEN before IS NOT NULL THEN 'l.id < $12' END)
        || ' ORDER BY l.id DESC LIMIT $13'
    USING subject_type, subject_id, causer_type, causer_id, action, field, transaction_id, request_id, since, until,
        metadata, before, max_rows;
END
$function$;
