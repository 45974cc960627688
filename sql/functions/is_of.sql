-- Tell whether a relation is the one that a shape was taken from, so that numbers of columns mean the same.
--
-- Arguments: the relation; the shape as capture_N_shape() gives it, or a row of table_shape. Where 0.1.0 noted no relation, one
-- that has had fewer columns than the shape has numbers is another one: a dump leaves out those that were dropped.
CREATE OR REPLACE FUNCTION pgaudit_py.is_of(relation oid, shape jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN shape ->> 'relation' IS NOT NULL
        THEN (shape ->> 'relation')::oid = relation AND coalesce((shape ->> 'cluster')::bigint = pgaudit_py.cluster(), true)
        ELSE NOT EXISTS (
            SELECT FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS c(name, description)
            WHERE (description ->> 'attnum')::integer > (SELECT r.relnatts FROM pg_class AS r WHERE r.oid = relation))
        END
$function$;
