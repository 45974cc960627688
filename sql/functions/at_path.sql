-- List what is at a path of a JSON value: what without_path() cuts out, element by element of each array on the path.
--
-- Arguments: those of without_path(). Result: NULL where there is nothing.
CREATE OR REPLACE FUNCTION pgaudit_py.at_path(value jsonb, path text[], level integer DEFAULT 0) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' AND level >= 100 THEN value
        WHEN jsonb_typeof(value) = 'array' THEN (
            SELECT jsonb_agg(found.value ORDER BY found.ordinality)
            FROM (
                SELECT e.ordinality, CASE
                    WHEN jsonb_typeof(e.value) = 'object' AND cardinality(path) = 1
                    THEN CASE WHEN e.value ? path[1] THEN jsonb_build_array(e.value -> path[1]) END
                    WHEN jsonb_typeof(e.value) = 'array' OR (jsonb_typeof(e.value) = 'object' AND e.value ? path[1])
                    THEN pgaudit_py.at_path(e.value, path, level + 1) END AS value
                FROM jsonb_array_elements(value) WITH ORDINALITY AS e
                OFFSET 0  -- else PostgreSQL would call the function once for each mention of its result
            ) AS found
            HAVING count(found.value) > 0)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN jsonb_build_array(value -> path[1])
            ELSE pgaudit_py.at_path(value -> path[1], path[2:], level) END
        END
$function$;
