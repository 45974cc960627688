-- Give the SQL condition that finds a record's row by its key.
--
-- Arguments: the table; the key's columns in order; the row's alias; subject_id.
-- Every value is cast to its column's type and compared by the operator of the index that makes the key unique, so that
-- it serves, and citext and its like, whose schema is not in our search_path, are compared as they are elsewhere.
-- Errors: PGA11 where subject_id does not fit the key.
CREATE OR REPLACE FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT string_agg(
        format('%I.%I OPERATOR(%I.%s) %L::%s', alias, k.name, coalesce(n.nspname, 'pg_catalog'), coalesce(o.oprname, '='),
            k.value, format_type(a.atttypid, a.atttypmod)),
        ' AND ' ORDER BY k.position)
    FROM unnest(key, pgaudit_py.key_values(subject_id, cardinality(key))) WITH ORDINALITY AS k(name, value, position)
    JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
    LEFT JOIN pg_index AS i ON i.indexrelid = pgaudit_py.key_index(relation, key)
    LEFT JOIN pg_opclass AS c ON c.oid = i.indclass[array_position(i.indkey::smallint[], a.attnum)]  -- both count from 0
    LEFT JOIN pg_amop AS m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3  -- equal, in a btree
        AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
    LEFT JOIN pg_operator AS o ON o.oid = m.amopopr
    LEFT JOIN pg_namespace AS n ON n.oid = o.oprnamespace
$function$;
