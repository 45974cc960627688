-- Describe a table's columns by what statements of this transaction go by, whatever its snapshot shows of the catalog.
--
-- A row of NULLs tells names and types, present_number() their numbers. What the snapshot has alike is described as there;
-- generated columns that it does not have are left out. Where the table cannot be named (no right to use its schema), the
-- catalog has to do.
CREATE OR REPLACE FUNCTION pgaudit_py.present_columns(relation oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
DECLARE
    known CONSTANT jsonb := pgaudit_py.catalog_columns(relation);
    empty_row json;
    names text[];
    types oid[];
BEGIN
    EXECUTE format('SELECT row_to_json(r) FROM (SELECT (NULL::%s).*) AS r', relation::regclass) INTO empty_row;
    SELECT array_agg(n.name ORDER BY n.position) INTO names
    FROM json_object_keys(empty_row) WITH ORDINALITY AS n(name, position)
    LEFT JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = n.name
    -- A generated column that the snapshot does not show may be a virtual one, which is NULL here.
    WHERE CASE WHEN a.attnum IS NULL THEN NOT pgaudit_py.is_generated(relation, n.name) ELSE a.attgenerated <> 'v' END;
    EXECUTE format('SELECT ARRAY[%s]::oid[] FROM (SELECT (NULL::%s).*) AS r',
        (SELECT string_agg(format('pg_typeof(r.%I)', n.name), ', ' ORDER BY n.position)
         FROM unnest(names) WITH ORDINALITY AS n(name, position)), relation::regclass) INTO types;
    RETURN (
        SELECT coalesce(jsonb_object_agg(c.name, CASE
            WHEN known -> c.name ->> 'type' = format_type(c.type, -1) AND (known -> c.name ->> 'attnum')::smallint = n.number
            THEN known -> c.name
            ELSE jsonb_build_object(
                'attnum', n.number, 'type', format_type(c.type, -1),
                'encoding', coalesce(pgaudit_py.encoding_of(c.type), 'text'), 'generated', false, 'identity', false)
            END), '{}')
        FROM unnest(names, types) AS c(name, type)
        CROSS JOIN LATERAL (
            SELECT pgaudit_py.present_number(relation, c.name, (known -> c.name ->> 'attnum')::smallint) AS number) AS n);
EXCEPTION WHEN OTHERS THEN
    RETURN known;
END
$function$;
