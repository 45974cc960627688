-- Name the columns by which a table's records are told apart: as installed, by their names of today.
--
-- Result: in the key's order; empty where there is none, or a column of it is gone. Of a table that is not audited, its
-- primary key. NULL where there is no such table.
CREATE OR REPLACE FUNCTION pgaudit_py.key_of(relation oid) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    shape pgaudit_py.table_shape;
    present jsonb;
    key text[];
BEGIN
    SELECT * INTO shape FROM pgaudit_py.newest_shape(relation);
    IF NOT FOUND THEN
        RETURN (SELECT t.key FROM pgaudit_py.inspect_table(relation) AS t);
    END IF;
    present := pgaudit_py.shape_columns(relation, to_jsonb(shape));
    SELECT array_agg(p.name ORDER BY k.position) INTO key
    FROM unnest(shape.key) WITH ORDINALITY AS k(name, position)
    JOIN jsonb_each(present) AS p(name, description) ON p.description -> 'attnum' = shape.columns -> k.name -> 'attnum';
    RETURN CASE WHEN cardinality(key) = cardinality(shape.key) THEN key ELSE '{}' END;
END
$function$;
