-- Find the index that keeps some columns of a table unique: what makes a key of them.
--
-- Arguments: the table; names of columns, in any order.
-- Result: the index; that of the primary key where there are several; NULL where there is none, or only a partial one or
-- one of expressions. That of periods (WITHOUT OVERLAPS) tells no record. An index of a partitioned table has to hold its partition
-- key, too: that may be left out, where whoever installs knows that the rest is unique.
CREATE OR REPLACE FUNCTION pgaudit_py.key_index(relation oid, key text[]) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT i.indexrelid
    FROM pg_index AS i
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
    WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (SELECT array_agg(a.attname::text) @> key AND array_agg(a.attname::text) <@ (key || pgaudit_py.partition_key(relation))
             FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
             JOIN pg_attribute AS a ON a.attrelid = relation AND a.attnum = k.attnum
             WHERE k.position <= i.indnkeyatts)
    ORDER BY i.indnkeyatts, i.indisprimary DESC, i.indexrelid
    LIMIT 1
$function$;
