-- Give the SQL condition that finds a record's row by its key.
--
-- Arguments: the table; the key's columns in order; the row's alias; subject_id. Every value is cast to its column's
-- type, so that the key's index serves.
-- Errors: PGA11 where subject_id does not fit the key.
CREATE OR REPLACE FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT string_agg(
        format('%I.%I = %L::%s', alias, k.name, k.value, format_type(a.atttypid, a.atttypmod)), ' AND ' ORDER BY k.position)
    FROM unnest(key, pgaudit_py.key_values(subject_id, cardinality(key))) WITH ORDINALITY AS k(name, value, position)
    JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
$function$;
