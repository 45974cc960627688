-- Keep of a table's columns what an alteration is told by: {"title": {"attnum": 2, "type": "text", "generated": false}, ...}.
--
-- Arguments: columns, as table_shape has them.
CREATE OR REPLACE FUNCTION pgaudit_py.essential_columns(columns jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(jsonb_object_agg(c.name, jsonb_build_object(
        'attnum', c.description -> 'attnum', 'type', c.description -> 'type', 'generated', coalesce(c.description -> 'generated', 'false'))), '{}')
    FROM jsonb_each(columns) AS c(name, description)
$function$;
