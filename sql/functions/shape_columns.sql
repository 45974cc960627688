-- Describe a table's columns as they are now, who each is to the log, and how it is watched, by a shape; see mark_columns().
--
-- Arguments: the table; the shape as capture_N_shape() gives it, or a row of table_shape.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_columns(relation oid, shape jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.mark_columns(
        pgaudit_py.table_columns(relation), nullif(shape -> 'columns', 'null'), pgaudit_py.shift_of(relation, shape))
$function$;
