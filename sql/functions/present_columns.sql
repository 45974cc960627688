-- Describe a table's columns by what statements of this transaction go by, whatever its snapshot shows of the catalog.
--
-- A row of NULLs tells names, types and collations, present_names() the numbers. What the snapshot has alike is described as
-- there. Generated columns that it does not have, or has with another expression, are left out: what they are made from is not to
-- be seen. Where no such row can be had (no right to use the schema), no type is known for certain: all is written as text.
-- Never raises, but where the statement is cancelled.
CREATE OR REPLACE FUNCTION pgaudit_py.present_columns(relation oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
DECLARE
    known CONSTANT jsonb := pgaudit_py.catalog_columns(relation);
    one_row CONSTANT text := format('FROM (SELECT (NULL::%s).*) AS r', relation::regclass);
    empty_row json;
    numbers jsonb := '{}';  -- of columns that the snapshot shows otherwise
    names text[];
    alike boolean[];
    types oid[];
    collations text[];
BEGIN
    -- r.* is the row, also where a column is called r.
    EXECUTE 'SELECT row_to_json(r.*) ' || one_row INTO empty_row;
    IF EXISTS (SELECT FROM json_object_keys(empty_row) AS n(name)
               WHERE NOT pgaudit_py.is_called(relation, (known -> n.name ->> 'attnum')::smallint, n.name)) THEN
        numbers := (SELECT coalesce(jsonb_object_agg(p.name, p.number), '{}') FROM pgaudit_py.present_names(relation) AS p);
    END IF;
    SELECT array_agg(c.name ORDER BY c.position), array_agg(c.alike ORDER BY c.position) INTO names, alike
    FROM (
        SELECT n.name, n.position, coalesce(
            coalesce((numbers ->> n.name)::smallint, k.number) = k.number
            AND (NOT (known -> n.name -> 'generated')::boolean OR pgaudit_py.expression_stands(relation, k.number)), false) AS alike
        FROM json_object_keys(empty_row) WITH ORDINALITY AS n(name, position)
        CROSS JOIN LATERAL (SELECT (known -> n.name ->> 'attnum')::smallint AS number) AS k
    ) AS c
    WHERE c.alike OR NOT pgaudit_py.is_generated(relation, c.name);
    EXECUTE format('SELECT ARRAY[%s]::oid[] ', (
        SELECT string_agg(format('pg_typeof(r.%I)', n.name), ', ' ORDER BY n.position)
        FROM unnest(names) WITH ORDINALITY AS n(name, position))) || one_row INTO types;
    -- Of a type without collations none may be asked for. One that the snapshot does not show is none that it has alike.
    EXECUTE format('SELECT ARRAY[%s]::text[] ', (
        SELECT string_agg(CASE WHEN t.typcollation <> 0 THEN format('pg_collation_for(r.%I)', n.name) ELSE 'NULL' END, ', ' ORDER BY n.position)
        FROM unnest(names, types) WITH ORDINALITY AS n(name, type, position)
        LEFT JOIN pg_type AS t ON t.oid = n.type)) || one_row INTO collations;
    RETURN (
        SELECT coalesce(jsonb_object_agg(c.name, CASE
            WHEN c.alike AND known -> c.name ->> 'type' = format_type(c.type, -1)
            THEN known -> c.name || CASE WHEN c.collation_name IS DISTINCT FROM nullif(a.attcollation, 0)::regcollation::text
                                         THEN jsonb_build_object('collation', c.collation_name) ELSE '{}' END
            ELSE jsonb_build_object(
                'attnum', coalesce(numbers -> c.name, known -> c.name -> 'attnum'), 'type', format_type(c.type, -1),
                'encoding', coalesce(pgaudit_py.encoding_of(c.type), 'text'), 'generated', false, 'identity', false)
            END), '{}')
        FROM unnest(names, alike, types, collations) AS c(name, alike, type, collation_name)
        LEFT JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = c.name);
EXCEPTION WHEN OTHERS THEN
    RETURN (
        SELECT coalesce(jsonb_object_agg(p.name, coalesce(k.description, jsonb_build_object(
                'type', 'text', 'generated', false, 'identity', false, 'sources', s.everything))
            || jsonb_build_object('attnum', p.number, 'encoding', 'text')), '{}')
        FROM pgaudit_py.present_names(relation) AS p
        LEFT JOIN jsonb_each(known) AS k(name, description) ON (k.description ->> 'attnum')::smallint = p.number
        -- What is new may be generated from anything.
        CROSS JOIN (SELECT jsonb_agg(o.number) AS everything FROM pgaudit_py.present_names(relation) AS o) AS s
        WHERE k.name IS NULL OR NOT (k.description -> 'generated')::boolean OR pgaudit_py.expression_stands(relation, p.number));
END
$function$;
