-- Give the SQL query for the rows of a table that come next in the order of its key.
--
-- One part for each column of the key, from the last: rows that are equal before it and greater in it. So the key's index
-- serves each part, and each column is compared by the index's own operators, wherever those are; one comparison of rows,
-- (a, b) > (...), could not name them. Values are cast to what a domain is stored as: its checks are somebody's code.
-- Arguments: the table; the key's columns in order; their texts in the last row before, NULL to begin; how many rows.
-- Result: a query for leaf and address (tableoid and ctid), in the key's order as long as nothing runs it in parallel.
CREATE OR REPLACE FUNCTION pgaudit_py.keyset_query(relation oid, key text[], after text[], max_rows integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH field AS (
        SELECT k.position, format('live.%I', k.name) AS name,
               format('%L::%s', after[k.position], format_type(pgaudit_py.base_type(a.atttypid), -1)) AS value,
               o.less, o.equal, o.greater
        FROM unnest(key) WITH ORDINALITY AS k(name, position)
        JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
        CROSS JOIN LATERAL (
            SELECT x.class FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
            CROSS JOIN LATERAL ROWS FROM (unnest(i.indkey), unnest(i.indclass)) WITH ORDINALITY AS x(attnum, class, place)
            WHERE i.indrelid = relation AND i.indisunique AND x.attnum = a.attnum AND x.place <= i.indnkeyatts
            ORDER BY i.indisprimary DESC LIMIT 1
        ) AS indexed
        CROSS JOIN LATERAL (
            SELECT max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 1) AS less,
                   max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 3) AS equal,
                   max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 5) AS greater
            FROM pg_opclass AS c
            JOIN pg_amop AS m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
            JOIN pg_operator AS p ON p.oid = m.amopopr
            JOIN pg_namespace AS n ON n.oid = p.oprnamespace
            WHERE c.oid = indexed.class
        ) AS o
    ), part AS (
        SELECT f.position, concat_ws(' AND ',
            (SELECT string_agg(concat_ws(' ', e.name, e.equal, e.value), ' AND ' ORDER BY e.position)
             FROM field AS e WHERE e.position < f.position), concat_ws(' ', f.name, f.greater, f.value)) AS condition
        FROM field AS f WHERE after IS NOT NULL
        UNION ALL
        SELECT 1, 'true' WHERE after IS NULL
    )
    SELECT format('SELECT n.leaf, n.address FROM (%s) AS n LIMIT %s',
        string_agg(format('(SELECT live.tableoid AS leaf, live.ctid AS address FROM %s AS live WHERE %s ORDER BY %s LIMIT %s)',
            pgaudit_py.rows_of(relation), p.condition,
            (SELECT string_agg(f.name || ' USING ' || f.less, ', ' ORDER BY f.position) FROM field AS f), max_rows),
            ' UNION ALL ' ORDER BY p.position DESC), max_rows)
    FROM part AS p
$function$;
