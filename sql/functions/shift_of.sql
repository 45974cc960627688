-- Say what the numbers of columns that a shape does not know get added in a relation that is not the one it was taken from.
--
-- Arguments: the relation; the shape as capture_N_shape() gives it, or a row of table_shape.
-- Result: NULL in the relation of the shape, where numbers mean the same; else a multiple of 2000, more than a table has columns,
-- that is this relation's own in this cluster: a number means one column, however often a table is dumped. Where nobody knows of
-- which relation the shape was taken, it was another one; where nobody may know the cluster, it was this one.
CREATE OR REPLACE FUNCTION pgaudit_py.shift_of(relation oid, shape jsonb) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    here CONSTANT bigint := pgaudit_py.cluster();
BEGIN
    IF (shape ->> 'relation')::oid = relation AND coalesce((shape ->> 'cluster')::bigint = here, true) THEN
        RETURN NULL;
    END IF;
    RETURN 2000 * (1 + ('x' || left(encode(sha256(convert_to(concat_ws('/', here, relation), 'UTF8')), 'hex'), 8))::bit(32)::bigint);
END
$function$;
