-- Describe a table's columns as they are now, as table_shape keeps them.
--
-- Result: {"title": {"attnum": 2, "type": "pg_catalog.text", "encoding": "json", "generated": false, "identity": false}, …};
-- an empty object where there is no such table. Virtual generated columns are left out: a trigger cannot see them.
CREATE OR REPLACE FUNCTION pgaudit_py.table_columns(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(jsonb_object_agg(attname, jsonb_build_object(
        'attnum', attnum,
        'type', format_type(atttypid, -1),
        'encoding', pgaudit_py.encoding_of(atttypid),
        'generated', attgenerated <> '',
        'identity', attidentity <> ''
    )), '{}')
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$function$;
