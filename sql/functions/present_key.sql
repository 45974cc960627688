-- Name the columns that tell a table's records apart now, as an install would choose them: those that did before, whatever they
-- are called by now, as long as they are a key; else those of the primary key.
--
-- Arguments: the table; its columns as shape_columns() gives them; the numbers of the columns that did, by which the log knows them.
CREATE OR REPLACE FUNCTION pgaudit_py.present_key(relation oid, columns jsonb, before bigint[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN cardinality(before) > 0 AND cardinality(k.names) = cardinality(before) AND pgaudit_py.key_index(relation, k.names) IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = ANY (k.names) AND NOT a.attnotnull) THEN k.names
        ELSE pgaudit_py.primary_key(relation) END
    FROM (
        SELECT array_agg(c.name ORDER BY array_position(before, (c.description -> 'attnum')::bigint)) AS names
        FROM jsonb_each(columns) AS c(name, description)
        WHERE (c.description -> 'attnum')::bigint = ANY (before)) AS k
$function$;
