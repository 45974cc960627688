-- Cut a path out of a JSON value: what is at it in each object that it leads to, through arrays, wherever they lie on it.
--
-- Arguments: the value; the path, names of members; level, how deep that is in the whole. Never raises: beyond 100 levels, where
-- the stack of the server might end, null stands for what may hold the path. What is no object has no members: it is
-- given back as it is.
CREATE OR REPLACE FUNCTION pgaudit_py.without_path(value jsonb, path text[], level integer DEFAULT 0) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' AND level >= 100 THEN 'null'
        WHEN jsonb_typeof(value) = 'array' THEN (
            -- What needs no call of this function is done at once: there may be thousands.
            SELECT coalesce(jsonb_agg(CASE
                WHEN jsonb_typeof(e.value) = 'object' AND cardinality(path) = 1 THEN e.value - path[1]
                WHEN jsonb_typeof(e.value) = 'array' OR (jsonb_typeof(e.value) = 'object' AND e.value ? path[1])
                THEN pgaudit_py.without_path(e.value, path, level + 1)
                ELSE e.value END ORDER BY e.ordinality), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS e)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN value - path[1]
            ELSE value || jsonb_build_object(path[1], pgaudit_py.without_path(value -> path[1], path[2:], level)) END
        ELSE value END
$function$;
