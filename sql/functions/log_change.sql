-- Record an event of the application's own that changed something: what is kept is the difference of two states.
--
-- Arguments: those of log(); old and new, objects, NULL for nothing: what is not there before or after.
-- Result: the activity's id; NULL where nothing differs, and nothing is recorded. As of log(), it has no operation:
-- what an application says changes no record's history.
-- Errors: PGA11 where an argument has a value it cannot have.
CREATE OR REPLACE FUNCTION pgaudit_py.log_change(
    action text, subject_type text, subject_id text, old jsonb, new jsonb, metadata jsonb DEFAULT NULL
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    changes jsonb;
BEGIN
    PERFORM pgaudit_py.check_event(action, subject_type, subject_id, metadata);
    IF jsonb_typeof(old) <> 'object' OR jsonb_typeof(new) <> 'object' THEN
        RAISE EXCEPTION 'old and new are no objects, but: % and %', jsonb_typeof(old), jsonb_typeof(new)
            USING ERRCODE = 'PGA11', HINT = 'Give names to the values that changed: {"title": "Tea"}.';
    END IF;
    changes := pgaudit_py.diff_states(coalesce(old, '{}'), coalesce(new, '{}'));
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN pgaudit_py.write_activity(
        NULL, subject_type, subject_id, NULL, NULL, NULL, changes, NULL, NULL, NULL, pgaudit_py.unreserved(metadata), action);
END
$function$;
