-- Tell whether an activity had happened at a time: its whole transaction, since a transaction is never seen torn.
--
-- Arguments: the activity, by both columns of the log's key; the time, included.
CREATE OR REPLACE FUNCTION pgaudit_py.happened_by(of_activity bigint, made_at timestamptz, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT l.created_at <= at AND (
        -- Of its last one alone: it may have made millions.
        SELECT ending.created_at FROM pgaudit_py.activity_log AS ending
        WHERE ending.transaction_id = l.transaction_id AND ending.epoch = l.epoch
        ORDER BY ending.id DESC LIMIT 1) <= at
    FROM pgaudit_py.activity_log AS l WHERE l.id = of_activity AND l.created_at = made_at
$function$;
