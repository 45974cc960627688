-- Name the columns by which a table is partitioned, by itself or in its partitions.
--
-- Result: empty where it has no partitions, or only expressions tell them apart.
CREATE OR REPLACE FUNCTION pgaudit_py.partition_key(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(array_agg(DISTINCT a.attname::text), '{}')
    FROM pg_partition_tree(relation) AS t
    JOIN pg_partitioned_table AS p ON p.partrelid = t.relid
    JOIN pg_attribute AS a ON a.attrelid = t.relid AND a.attnum = ANY (p.partattrs)
$function$;
