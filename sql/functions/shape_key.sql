-- Give the numbers by which the log knows the columns of a shape's key, in its order.
--
-- Arguments: the shape as capture_N_shape() gives it, or a row of table_shape.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_key(shape jsonb) RETURNS bigint[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT ARRAY(
        SELECT (shape -> 'columns' -> k.name ->> 'attnum')::bigint
        FROM jsonb_array_elements_text(shape -> 'key') WITH ORDINALITY AS k(name, position) ORDER BY k.position)
$function$;
