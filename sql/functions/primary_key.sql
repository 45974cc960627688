-- Name the columns of a table's primary key, in its order; none where it has none, or one of periods, which tells no record.
CREATE OR REPLACE FUNCTION pgaudit_py.primary_key(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(array_agg(a.attname::text ORDER BY k.position), '{}')
    FROM pg_index AS i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'  -- that of periods, WITHOUT OVERLAPS, is another one
    WHERE i.indrelid = relation AND i.indisprimary AND k.position <= i.indnkeyatts  -- what INCLUDE adds is no key
$function$;
