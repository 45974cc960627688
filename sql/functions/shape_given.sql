-- Give a shape as capture_N_shape() does, for capture functions of 0.1.0, which know its number and the fingerprint only.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_given(shape_id integer, fingerprint text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce((SELECT to_jsonb(s) FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), '{"key": []}')
        || jsonb_build_object('id', shape_id, 'fingerprint', shape_given.fingerprint)
$function$;
