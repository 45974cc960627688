-- Give a shape as capture_N_shape() does, for capture functions of 0.1.0, which know its number only.
--
-- Arguments: of table_shape; the numbers of the key's columns; the fingerprint of the table then.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_given(shape_id integer, key bigint[], fingerprint text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT jsonb_build_object('id', shape_id, 'key', shape_given.key, 'fingerprint', shape_given.fingerprint) || coalesce((
        SELECT jsonb_build_object('relation', s.relation, 'columns', s.columns)
        FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), '{}')
$function$;
