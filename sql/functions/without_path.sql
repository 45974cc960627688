-- Cut a path out of a JSON value: what is at it in each object that it leads to, through arrays, wherever they lie on it.
--
-- Arguments: the value; the path, names of members. Never raises. What is no object has no members: it is given back as it is.
CREATE OR REPLACE FUNCTION pgaudit_py.without_path(value jsonb, path text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' THEN (
            SELECT coalesce(jsonb_agg(pgaudit_py.without_path(e.value, path) ORDER BY e.ordinality), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS e)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN value - path[1]
            ELSE value || jsonb_build_object(path[1], pgaudit_py.without_path(value -> path[1], path[2:])) END
        ELSE value END
$function$;
