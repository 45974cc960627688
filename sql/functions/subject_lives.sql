-- List the lives of the records known under a key: those that bear it now or bore it last, else all that ever did.
--
-- Result: life from 1, oldest first; ordinal from 1 in each; the activity.
CREATE OR REPLACE FUNCTION pgaudit_py.subject_lives(
    subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamptz
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH lived AS MATERIALIZED (SELECT * FROM pgaudit_py.lives(subject_lives.subject_type, subject_lives.subject_id))
    SELECT (dense_rank() OVER (ORDER BY v.life))::integer, v.ordinal, v.id, v.created_at
    FROM lived AS v WHERE v.here OR NOT EXISTS (SELECT FROM lived AS other WHERE other.here)
$function$;
