-- List what is at a path of a JSON value: what without_path() cuts out, element by element of each array on the path.
--
-- Result: NULL where there is nothing.
CREATE OR REPLACE FUNCTION pgaudit_py.at_path(value jsonb, path text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' THEN (
            SELECT jsonb_agg(found.value ORDER BY e.ordinality)
            FROM jsonb_array_elements(value) WITH ORDINALITY AS e
            CROSS JOIN LATERAL (SELECT pgaudit_py.at_path(e.value, path) AS value) AS found
            HAVING count(found.value) > 0)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN jsonb_build_array(value -> path[1])
            ELSE pgaudit_py.at_path(value -> path[1], path[2:]) END
        END
$function$;
