-- Give the columns that an activity's values were written under.
--
-- Result: as table_columns() gives them: from table_shape, or from the activity itself where it was recorded while the
-- table had drifted from its capture function.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_of(shape_id integer, metadata jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $function$
    SELECT coalesce((SELECT s.columns FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), metadata -> '_drift', '{}')
$function$;
