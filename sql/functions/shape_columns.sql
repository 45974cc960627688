-- Describe a table's columns as they are now, who each is to the log, and how it is watched, by a shape; see mark_columns().
--
-- Arguments: the table; the shape as capture_N_shape() gives it, or a row of table_shape.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_columns(relation oid, shape jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    foreign_shift CONSTANT bigint := pgaudit_py.shift_of(relation, shape);
    in_order boolean := false;
BEGIN
    IF foreign_shift IS NOT NULL THEN
        -- A dump brings a table with our triggers; one that was made anew has none yet.
        in_order := EXISTS (
            SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
            WHERE t.tgrelid = relation);
    END IF;
    RETURN pgaudit_py.mark_columns(pgaudit_py.table_columns(relation), shape, foreign_shift, in_order);
END
$function$;
