-- List the life of the record that an activity was about: from its birth to its death, through every key it had.
--
-- Result: see lives(). Empty where there is no such activity of a row.
CREATE OR REPLACE FUNCTION pgaudit_py.life(
    activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamptz
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT v.ordinal, v.id, v.created_at
    FROM pgaudit_py.activity_log AS l
    CROSS JOIN LATERAL pgaudit_py.lives(l.subject_type, l.subject_id, l.id) AS v
    WHERE l.id = activity_id AND l.operation IS NOT NULL AND l.subject_id IS NOT NULL
$function$;
