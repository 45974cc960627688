-- Tell a record's history, following changes of its key: SELECT * FROM pgaudit_py.history('posts', '1').
--
-- Arguments: subject_type; subject_id as the log has it.
-- Result: one row an activity that has an operation, oldest first in the true order of changes; life counts the
-- records that bore the key one after another; state as version(id) gives it; the rest as activity_log has it. That a row was
-- moved to another partition, deleted there and created here, is told as the update that it was.
CREATE OR REPLACE FUNCTION pgaudit_py.history(subject_type text, subject_id text) RETURNS TABLE (
    life integer, id bigint, created_at timestamptz, transaction_id bigint, operation "char", action text,
    key text, previous_key text, causer_type text, causer_id text, db_role text, set_role text, ip inet, user_agent text, request_id text,
    metadata jsonb, changes jsonb, omitted jsonb, state jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    step record;
    columns jsonb;
    moved record;  -- the row as it was in the partition that it leaves
BEGIN
    life := 0;
    FOR step IN
        SELECT s.life, l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns,
               lag(l.operation) OVER line = 'D' AS enters, lead(l.operation) OVER line = 'I' AS leaves
        FROM pgaudit_py.subject_lives(history.subject_type, history.subject_id) AS s
        JOIN pgaudit_py.activity_log AS l USING (id, created_at)
        WINDOW line AS (PARTITION BY s.life ORDER BY s.ordinal) ORDER BY s.life, s.ordinal
    LOOP
        IF step.operation = 'D' AND step.leaves THEN
            moved := step;
            CONTINUE;
        END IF;
        -- The state is carried on from change to change; rebuilt where a life begins, and where the columns changed.
        IF step.operation = 'T' THEN
            state := NULL;
        ELSIF step.snapshot IS NOT NULL AND (step.omitted IS NULL OR step.operation = 'I') THEN
            state := step.snapshot;
        ELSIF step.life = life AND step.columns = columns THEN
            IF step.operation <> 'D' THEN
                state := pgaudit_py.apply_changes(state, step.changes) || coalesce(step.snapshot, '{}')
                    - ARRAY(SELECT o.key FROM jsonb_each(step.omitted) AS o WHERE o.value ? 'bytes' OR NOT o.value ? 'old');
            END IF;
        ELSE
            state := pgaudit_py.version(step.id);
        END IF;
        columns := step.columns;
        life := step.life; id := step.id; created_at := step.created_at; transaction_id := step.transaction_id;
        operation := step.operation; action := step.action; key := step.subject_id;
        previous_key := step.previous_subject_id; causer_type := step.causer_type; causer_id := step.causer_id;
        db_role := step.db_role; set_role := step.set_role; ip := step.ip; user_agent := step.user_agent; request_id := step.request_id; metadata := step.metadata;
        changes := step.changes; omitted := step.omitted;
        IF step.operation = 'I' AND step.enters THEN
            operation := 'U';
            action := CASE action WHEN 'created' THEN 'updated' ELSE action END;
            -- What is not kept on either side changed where that tells.
            omitted := (SELECT jsonb_object_agg(o.name, o.what) FROM jsonb_each(step.omitted) AS o(name, what)
                        WHERE o.what IS DISTINCT FROM moved.omitted -> o.name);
            changes := coalesce(pgaudit_py.diff_states(
                moved.snapshot - ARRAY(SELECT jsonb_object_keys(step.omitted)), step.snapshot - ARRAY(SELECT jsonb_object_keys(moved.omitted))), '{}');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$function$;
