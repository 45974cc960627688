-- Tell how the columns of a table differ from what they were, each known by the number that the log knows it by.
--
-- Arguments: columns before and after, as table_shape has them, or as essential_columns() gives them.
-- Result: those that apply of added and dropped, {"color": "text"}; renamed, {"n": "number"}; retyped, {"number": ["integer",
-- "text"]}, and generated, {"loud": [true, false]}, by the names of today. {} where nothing differs.
CREATE OR REPLACE FUNCTION pgaudit_py.column_differences(before jsonb, after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH pair AS (
        SELECT b.key AS was, a.key AS name, b.value ->> 'type' AS was_type, a.value ->> 'type' AS type,
               coalesce(b.value -> 'generated', 'false') AS was_generated, coalesce(a.value -> 'generated', 'false') AS generated
        FROM jsonb_each(pgaudit_py.essential_columns(before)) AS b
        FULL JOIN jsonb_each(pgaudit_py.essential_columns(after)) AS a ON a.value ->> 'attnum' = b.value ->> 'attnum'
    )
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'added', jsonb_object_agg(p.name, p.type) FILTER (WHERE p.was IS NULL),
        'dropped', jsonb_object_agg(p.was, p.was_type) FILTER (WHERE p.name IS NULL),
        'renamed', jsonb_object_agg(p.was, p.name) FILTER (WHERE p.was <> p.name),
        'retyped', jsonb_object_agg(p.name, jsonb_build_array(p.was_type, p.type)) FILTER (WHERE p.was_type <> p.type),
        'generated', jsonb_object_agg(p.name, jsonb_build_array(p.was_generated, p.generated))
            FILTER (WHERE p.was IS NOT NULL AND p.name IS NOT NULL AND p.was_generated <> p.generated)))
    FROM pair AS p
$function$;
