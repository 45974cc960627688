-- Read on in the log without a gap: what came after an activity, in an order in which nothing can come in between later.
--
-- An id is given when a change is made, and seen when its transaction commits: whoever asks for `id > the last one` misses
-- what commits late. Here the order is that of epoch, transaction_id and id, and a transaction is given once no older one
-- runs any more: all that precedes it is there then, or never will be. So a long transaction, of whatever database of the
-- cluster, holds back what younger ones wrote until it ends.
-- Arguments: after_transaction, after_id: of the last activity that is known, 0 and 0 for the beginning; then NULL for any:
-- what it is about; who; the action; a field that changed; request; an object that metadata contains; max_rows: 1 and more.
-- Result: rows of activity_log in this order. Where they are fewer than max_rows, nothing is left below the oldest
-- transaction that runs, pg_snapshot_xmin(pg_current_snapshot()) of the same snapshot.
CREATE OR REPLACE FUNCTION pgaudit_py.follow(
    after_transaction bigint, after_id bigint,
    subject_type text DEFAULT NULL, subject_id text DEFAULT NULL, causer_type text DEFAULT NULL,
    causer_id text DEFAULT NULL, action text DEFAULT NULL, field text DEFAULT NULL, request_id text DEFAULT NULL,
    metadata jsonb DEFAULT NULL, max_rows integer DEFAULT 1000
) RETURNS SETOF pgaudit_py.activity_log LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    running CONSTANT bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    last_epoch CONSTANT integer := coalesce(
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1), 0);
    -- Ids go on from epoch to epoch, transaction ids start again.
    begun_epoch CONSTANT integer := coalesce(
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l WHERE l.id <= after_id ORDER BY l.id DESC LIMIT 1),
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id LIMIT 1), 1);
    of_epoch integer;
    found_rows bigint;
BEGIN
    FOR of_epoch IN begun_epoch .. last_epoch LOOP
        RETURN QUERY EXECUTE concat_ws(' AND ', 'SELECT l.* FROM pgaudit_py.activity_log AS l WHERE l.epoch = $11',
            'l.transaction_id >= $1 AND (l.transaction_id > $1 OR l.id > $2)',
            CASE WHEN of_epoch = last_epoch THEN 'l.transaction_id < $12' END,
            CASE WHEN subject_type IS NOT NULL THEN 'l.subject_type = $3' END,
            CASE WHEN subject_id IS NOT NULL THEN 'l.subject_id = $4' END,
            CASE WHEN causer_type IS NOT NULL THEN 'l.causer_type = $5' END,
            CASE WHEN causer_id IS NOT NULL THEN 'l.causer_id = $6' END,
            CASE WHEN action IS NOT NULL THEN 'l.action = $7' END,
            CASE WHEN field IS NOT NULL THEN 'l.changes ? $8' END,
            CASE WHEN request_id IS NOT NULL THEN 'l.request_id = $9' END,
            CASE WHEN metadata IS NOT NULL THEN 'l.metadata @> $10' END)
            || ' ORDER BY l.transaction_id, l.id LIMIT $13'
        USING after_transaction, after_id, subject_type, subject_id, causer_type, causer_id, action, field, request_id,
            metadata, of_epoch, running, max_rows;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        max_rows := max_rows - found_rows;
        EXIT WHEN max_rows <= 0;
        after_transaction := 0;
        after_id := 0;
    END LOOP;
END
$function$;
