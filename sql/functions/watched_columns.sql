-- Describe a table's columns as they are now, who each is to the log, and how it is watched; see mark_columns().
CREATE OR REPLACE FUNCTION pgaudit_py.watched_columns(relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.shape_columns(relation, (SELECT to_jsonb(s) FROM pgaudit_py.newest_shape(relation) AS s))
$function$;
