-- Name the partitions that hold the rows of a table: {"16402": "public.posts_2026"}; {} where it has none.
CREATE OR REPLACE FUNCTION pgaudit_py.leaves_of(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT coalesce(jsonb_object_agg(t.relid::oid, t.relid::text), '{}') FROM pg_partition_tree(relation) AS t WHERE t.isleaf AND t.level > 0
$function$;
