-- List the tables that the log is made of: SELECT * FROM pgaudit_py.log_tables().
--
-- Result: oid; name, as in SQL, with its schema; is_root; the root, and every partition below it.
CREATE OR REPLACE FUNCTION pgaudit_py.log_tables() RETURNS TABLE (oid oid, name text, is_root boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT t.relid::oid, t.relid::text, t.level = 0 FROM pg_partition_tree('pgaudit_py.activity_log'::regclass) AS t
$function$;
