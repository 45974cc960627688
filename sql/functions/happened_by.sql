-- Tell whether an activity had happened at a time: its whole transaction, since a transaction is never seen torn.
CREATE OR REPLACE FUNCTION pgaudit_py.happened_by(activity_id bigint, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT l.created_at <= at AND NOT EXISTS (
        SELECT FROM pgaudit_py.activity_log AS same
        WHERE same.transaction_id = l.transaction_id AND same.epoch = l.epoch AND same.created_at > at)
    FROM pgaudit_py.activity_log AS l WHERE l.id = activity_id
$function$;
