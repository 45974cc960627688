-- Describe a table's columns as they are now, and how each is watched; see mark_columns().
CREATE OR REPLACE FUNCTION pgaudit_py.watched_columns(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.mark_columns(
        pgaudit_py.table_columns(relation), (SELECT s.columns FROM pgaudit_py.newest_shape(relation) AS s))
$function$;
