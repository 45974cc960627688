-- Do the work of verify_table() for a table with a key; see there.
--
-- Values are compared where both sides are told and the column had the same type.
CREATE OR REPLACE FUNCTION pgaudit_py.verify_keyed(subject_type text, relation oid) RETURNS TABLE (
    problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
-- Nobody knows how many rows the functions give: no join of theirs may become a nested loop.
SET enable_nestloop = off AS $function$
    WITH lived AS MATERIALIZED (
        SELECT v.life, v.ordinal, v.ended, l.id, l.operation, l.subject_id, l.previous_subject_id, l.changes,
               l.snapshot, l.omitted, l.shape_id, l.metadata -> '_drift' AS drift
        FROM pgaudit_py.table_lives(verify_keyed.subject_type) AS v
        JOIN pgaudit_py.activity_log AS l ON l.id = v.id
    ), fact AS (
        SELECT v.life, v.ordinal, v.ended, v.id, v.subject_id, v.operation, f.*
        FROM lived AS v
        LEFT JOIN pgaudit_py.table_shape AS shape ON shape.id = v.shape_id
        CROSS JOIN LATERAL pgaudit_py.facts(
            v.operation, v.changes, v.snapshot, v.omitted, coalesce(shape.columns, v.drift, '{}')) AS f
    ), pair AS (
        SELECT f.*, lag(f.value) OVER line AS was, lag(f.told) OVER line AS was_told, lag(f.type) OVER line AS was_type,
               lag(f.ordinal) OVER line = f.ordinal AS same_activity, row_number() OVER (
                   PARTITION BY f.life, f.field_id ORDER BY f.ordinal DESC, f.after DESC) = 1 AS is_last
        FROM fact AS f WINDOW line AS (PARTITION BY f.life, f.field_id ORDER BY f.ordinal, f.after)
    ), live AS MATERIALIZED (
        SELECT r.subject_id, r.state FROM pgaudit_py.live_rows(relation) AS r
    ), live_column AS (
        SELECT e.name, pgaudit_py.field_id(e.description) AS field_id, e.description ->> 'type' AS type
        FROM jsonb_each(pgaudit_py.watched_columns(relation)) AS e(name, description)
        WHERE NOT e.description ?| '{excluded,redacted}'
    ), final AS (
        SELECT DISTINCT ON (v.life) v.life, v.id, v.subject_id, v.operation, v.ended
        FROM lived AS v WHERE v.subject_id IS NOT NULL ORDER BY v.life, v.ordinal DESC
    )
    SELECT 'the value before is not the one the log had', p.subject_id, p.id, p.name, p.was, p.value
    FROM pair AS p
    WHERE p.was_told AND p.told AND NOT p.same_activity AND p.was_type = p.type
        AND p.operation <> 'I'  -- it came from another partition, changed
        AND p.was::text IS DISTINCT FROM p.value::text
    UNION ALL
    SELECT 'the table holds another value', f.subject_id, f.id, c.name, p.value, live.state -> c.name
    FROM final AS f
    JOIN live ON live.subject_id = f.subject_id
    JOIN pair AS p ON p.life = f.life AND p.is_last AND p.after AND p.told
    JOIN live_column AS c ON c.field_id = p.field_id AND c.type = p.type
    WHERE NOT f.ended AND p.value::text IS DISTINCT FROM (live.state -> c.name)::text
    UNION ALL
    SELECT 'the row is missing', f.subject_id, f.id, NULL, NULL, NULL
    FROM final AS f WHERE NOT f.ended AND NOT EXISTS (SELECT FROM live WHERE live.subject_id = f.subject_id)
    UNION ALL
    SELECT 'the log says that the row is gone', f.subject_id, f.id, NULL, NULL, NULL
    FROM final AS f JOIN live ON live.subject_id = f.subject_id
    WHERE f.ended AND NOT EXISTS (SELECT FROM final AS o WHERE o.subject_id = f.subject_id AND NOT o.ended)
    UNION ALL
    SELECT 'two records bear one key', f.subject_id, max(f.id), NULL, NULL, NULL
    FROM final AS f WHERE NOT f.ended GROUP BY f.subject_id HAVING count(*) > 1
    UNION ALL
    SELECT 'the activity belongs to no record''s life', l.subject_id, l.id, NULL, NULL, NULL
    FROM pgaudit_py.activity_log AS l
    WHERE l.subject_type = verify_keyed.subject_type AND l.operation IN ('I', 'U', 'D', 'S')
        AND l.subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM lived AS v WHERE v.id = l.id)
$function$;
