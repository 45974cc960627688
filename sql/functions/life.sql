-- List the life of the record that an activity was about: from its birth to its death, through every key it had.
--
-- Result: ordinal from 1 in the order in which things happened; id of the activity. A record older than its audit
-- trail begins with the first activity that the log has. Empty where there is no such activity of a row.
CREATE OR REPLACE FUNCTION pgaudit_py.life(activity_id bigint, OUT ordinal integer, OUT id bigint)
RETURNS SETOF record LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    start record;
    slot text;
    at bigint := activity_id;
    step record;
    ids bigint[];
    later bigint[] := ARRAY[activity_id];
BEGIN
    SELECT l.subject_type, l.subject_id, l.operation INTO start FROM pgaudit_py.activity_log AS l
    WHERE l.id = activity_id AND l.operation IS NOT NULL AND l.subject_id IS NOT NULL;
    -- Backward: the part of each slot that ends with the activity we came by.
    slot := start.subject_id;
    WHILE slot IS NOT NULL LOOP
        ids := ARRAY[]::bigint[];
        FOR step IN SELECT * FROM pgaudit_py.slot_events(start.subject_type, slot) AS e ORDER BY e.ordinal LOOP
            IF step.birth THEN
                ids := ARRAY[step.id];
            ELSE
                ids := ids || step.id;
            END IF;
            EXIT WHEN step.id = at;
            IF step.death THEN
                ids := ARRAY[]::bigint[];
            END IF;
        END LOOP;
        later := ids || later[2:];
        at := later[1];
        SELECT l.previous_subject_id INTO slot FROM pgaudit_py.activity_log AS l
        WHERE l.id = at AND l.subject_id = slot;
    END LOOP;
    -- Forward: what followed in the slot of the last activity, and in those it moved on to.
    at := activity_id;
    slot := CASE WHEN start.operation <> 'D' THEN start.subject_id END;
    WHILE slot IS NOT NULL LOOP
        ids := NULL;
        FOR step IN SELECT * FROM pgaudit_py.slot_events(start.subject_type, slot) AS e ORDER BY e.ordinal LOOP
            IF step.id = at THEN
                ids := ARRAY[]::bigint[];
            ELSIF ids IS NOT NULL THEN
                EXIT WHEN step.birth;
                ids := ids || step.id;
                EXIT WHEN step.death;
            END IF;
        END LOOP;
        EXIT WHEN cardinality(ids) = 0 OR ids IS NULL;
        later := later || ids;
        at := later[cardinality(later)];
        SELECT l.subject_id INTO slot FROM pgaudit_py.activity_log AS l
        WHERE l.id = at AND l.previous_subject_id = slot;
    END LOOP;
    RETURN QUERY SELECT u.position::integer, u.one FROM unnest(later) WITH ORDINALITY AS u(one, position)
    WHERE start.operation IS NOT NULL;
END
$function$;
