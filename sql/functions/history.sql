-- Tell a record's history, following changes of its key: SELECT * FROM pgaudit_py.history('posts', '1').
--
-- Arguments: subject_type; subject_id as the log has it.
-- Result: one row an activity that has an operation, oldest first in the true order of changes; life counts the
-- records that bore the key one after another; state as version(id) gives it; the rest as activity_log has it.
CREATE OR REPLACE FUNCTION pgaudit_py.history(subject_type text, subject_id text) RETURNS TABLE (
    life integer, id bigint, created_at timestamptz, transaction_id bigint, operation "char", action text,
    key text, previous_key text, causer_type text, causer_id text, ip inet, user_agent text, request_id text,
    metadata jsonb, changes jsonb, state jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    one record;
    step record;
    shape integer;
    known boolean;
BEGIN
    FOR one IN SELECT s.life, s.ids FROM pgaudit_py.subject_lives(history.subject_type, history.subject_id) AS s
            ORDER BY s.life LOOP
        known := false;
        FOR step IN
            SELECT p.ordinal, l.* FROM unnest(one.ids) WITH ORDINALITY AS p(id, ordinal)
            JOIN pgaudit_py.activity_log AS l ON l.id = p.id ORDER BY p.ordinal
        LOOP
            -- Under one shape the state is carried on from change to change; else it is rebuilt.
            IF step.operation = 'T' THEN
                state := NULL;
            ELSIF step.snapshot IS NOT NULL AND step.omitted IS NULL THEN
                state := step.snapshot;
            ELSIF known AND step.operation = 'U' AND step.omitted IS NULL AND step.shape_id = shape THEN
                state := pgaudit_py.apply_changes(state, step.changes);
            ELSE
                state := pgaudit_py.version(step.id);
            END IF;
            known := step.omitted IS NULL;
            shape := step.shape_id;
            life := one.life; id := step.id; created_at := step.created_at; transaction_id := step.transaction_id;
            operation := step.operation; action := step.action; key := step.subject_id;
            previous_key := step.previous_subject_id; causer_type := step.causer_type; causer_id := step.causer_id;
            ip := step.ip; user_agent := step.user_agent; request_id := step.request_id; metadata := step.metadata;
            changes := step.changes;
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$function$;
