-- Tell which table a relation is audited as: a partition as the root of its tree, anything else as itself.
CREATE OR REPLACE FUNCTION pgaudit_py.root_of(relation oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(pg_partition_root(relation::regclass)::oid, relation)
$function$;
