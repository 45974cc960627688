-- Name a table in a FROM clause, with just those of its rows that are audited as its own: of a partitioned table those of all
-- partitions, of any other one not those of tables that inherit from it.
CREATE OR REPLACE FUNCTION pgaudit_py.rows_of(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    -- Not asked of pg_class, of which an old snapshot may not show the table.
    SELECT CASE WHEN pg_partition_root(relation::regclass) = relation::regclass THEN '' ELSE 'ONLY ' END || relation::regclass
$function$;
