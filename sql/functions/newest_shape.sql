-- Find the shape that a table's changes are recorded under now.
--
-- Arguments: the table. Result: none where it is not audited.
CREATE OR REPLACE FUNCTION pgaudit_py.newest_shape(relation oid) RETURNS SETOF pgaudit_py.table_shape
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT s.*
    FROM pg_trigger AS t
    JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
    JOIN pgaudit_py.tracked_table AS k ON p.proname = 'capture_' || k.id
    JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = k.id
    WHERE t.tgrelid = newest_shape.relation AND NOT t.tgisinternal
    ORDER BY s.id DESC
    LIMIT 1
$function$;
