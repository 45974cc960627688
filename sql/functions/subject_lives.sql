-- List the lives of the records known under a key: those that bear it now or bore it last, else all that ever did.
--
-- Result: life from 1, oldest first; the activities of each in order.
CREATE OR REPLACE FUNCTION pgaudit_py.subject_lives(
    subject_type text, subject_id text, OUT life integer, OUT ids bigint[]
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH entry AS (
        -- Where somebody enters the slot: a birth, or the first that the log has after a death.
        SELECT e.id, e.ordinal,
               e.birth OR coalesce(lag(e.death) OVER (ORDER BY e.ordinal), true) AS enters
        FROM pgaudit_py.slot_events(subject_type, subject_id) AS e
    ), lived AS (
        SELECT entry.ordinal,
               (SELECT array_agg(l.id ORDER BY l.ordinal) FROM pgaudit_py.life(entry.id) AS l) AS ids
        FROM entry WHERE enters
    ), once AS (
        SELECT DISTINCT ON (l.ids[1]) l.ordinal, l.ids,
               EXISTS (SELECT FROM pgaudit_py.activity_log AS a
                       WHERE a.id = l.ids[cardinality(l.ids)]
                         AND (a.subject_id = subject_lives.subject_id OR a.operation = 'T')) AS stays
        FROM lived AS l WHERE l.ids IS NOT NULL ORDER BY l.ids[1], l.ordinal
    )
    SELECT (row_number() OVER (ORDER BY ordinal))::integer, once.ids
    FROM once WHERE stays OR NOT EXISTS (SELECT FROM once AS other WHERE other.stays)
$function$;
