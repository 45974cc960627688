-- Write one activity into the log, with who is acting taken from the session.
--
-- Called by the capture functions and by log(), never by users: it runs with its caller's rights, which are the log
-- owner's there. The operation says what happened and gives the action, the word for it, unless a setting chose another.
-- Result: the activity's id.
CREATE OR REPLACE FUNCTION pgaudit_py.write_activity(
    operation "char", subject_type text, subject_id text, previous_subject_id text, old_tid tid, new_tid tid,
    changes jsonb, snapshot jsonb, omitted jsonb, shape_id integer, marks jsonb, action text DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql AS $function$
DECLARE
    who record;
    activity_id bigint;
BEGIN
    who := pgaudit_py.context();
    INSERT INTO pgaudit_py.activity_log (
        operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid,
        causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id
    ) VALUES (
        operation,
        coalesce(action, who.action, CASE operation
            WHEN 'U' THEN 'updated' WHEN 'I' THEN 'created' WHEN 'D' THEN 'deleted' WHEN 'T' THEN 'truncated'
            ELSE 'snapshot' END),
        subject_type, subject_id, previous_subject_id, old_tid, new_tid,
        who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
        CASE WHEN marks IS NULL THEN who.metadata ELSE coalesce(who.metadata, '{}') || marks END,
        changes, snapshot, omitted, shape_id
    ) RETURNING id INTO activity_id;
    RETURN activity_id;
END
$function$;
