-- Describe a table's columns as the catalog has them for this transaction's snapshot; see table_columns().
CREATE OR REPLACE FUNCTION pgaudit_py.catalog_columns(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT coalesce(jsonb_object_agg(attname, jsonb_build_object(
        'attnum', attnum,
        'type', format_type(atttypid, -1),
        'encoding', pgaudit_py.encoding_of(atttypid),
        'generated', attgenerated <> '',
        'identity', attidentity <> ''
    ) || CASE WHEN attinhcount = 0 THEN '{}' ELSE '{"inherited": true}'::jsonb END || CASE WHEN attgenerated = '' THEN '{}' ELSE jsonb_build_object('sources', (
        SELECT coalesce(jsonb_agg(s.source ORDER BY s.source), '[]') FROM pgaudit_py.sources_of(attrelid, attnum) AS s)) END), '{}')
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$function$;
