-- Search the log, newest first: SELECT * FROM pgaudit_py.activity(causer_id => '42', since => now() - '2 days'::interval).
--
-- Arguments, each NULL for any: what it is about; who; the action; a field that changed; transaction; request; time from
-- and to, both included; an object that metadata contains; before: only activities with a smaller id, for the next
-- page; max_rows: 1 and more.
-- Result: rows of activity_log. Written as a body that was parsed once and is merged into the query that calls it: no
-- search_path can change what it means, and filters that are not used cost nothing.
CREATE OR REPLACE FUNCTION pgaudit_py.activity(
    subject_type text DEFAULT NULL, subject_id text DEFAULT NULL, causer_type text DEFAULT NULL,
    causer_id text DEFAULT NULL, action text DEFAULT NULL, field text DEFAULT NULL, transaction_id bigint DEFAULT NULL,
    request_id text DEFAULT NULL, since timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    metadata jsonb DEFAULT NULL, before bigint DEFAULT NULL, max_rows integer DEFAULT 100
) RETURNS SETOF pgaudit_py.activity_log LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.* FROM pgaudit_py.activity_log AS l
    WHERE (activity.subject_type IS NULL OR l.subject_type = activity.subject_type)
        AND (activity.subject_id IS NULL OR l.subject_id = activity.subject_id)
        AND (activity.causer_type IS NULL OR l.causer_type = activity.causer_type)
        AND (activity.causer_id IS NULL OR l.causer_id = activity.causer_id)
        AND (activity.action IS NULL OR l.action = activity.action)
        AND (activity.field IS NULL OR l.changes ? activity.field)
        AND (activity.transaction_id IS NULL OR l.transaction_id = activity.transaction_id)
        AND (activity.request_id IS NULL OR l.request_id = activity.request_id)
        AND (activity.since IS NULL OR l.created_at >= activity.since)
        AND (activity.until IS NULL OR l.created_at <= activity.until)
        AND (activity.metadata IS NULL OR l.metadata @> activity.metadata)
        AND (activity.before IS NULL OR l.id < activity.before)
    ORDER BY l.id DESC
    LIMIT activity.max_rows;
END;
