-- Record an event of the application's own: SELECT pgaudit_py.log('published', 'posts', '1', '{"channel": "rss"}').
--
-- Arguments: action, 1 to 512 characters; what it is about, a record or nothing; metadata, an object.
-- Result: the activity's id. It has no operation: it says nothing about any row's state. Who did it comes from the
-- actor of the session, as for every activity.
-- Errors: PGA11 where an argument has a value it cannot have.
CREATE OR REPLACE FUNCTION pgaudit_py.log(
    action text, subject_type text DEFAULT NULL, subject_id text DEFAULT NULL, metadata jsonb DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pgaudit_py.check_event(action, subject_type, subject_id, metadata);
    RETURN pgaudit_py.write_activity(
        NULL, subject_type, subject_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pgaudit_py.unreserved(metadata), action);
END
$function$;
