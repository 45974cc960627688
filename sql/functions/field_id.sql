-- Identify a column for as long as every change of it was seen: whatever it is called, but not over a time when it was left out.
--
-- Arguments: what watched_columns() says of it.
CREATE OR REPLACE FUNCTION pgaudit_py.field_id(description jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT concat_ws('@', description ->> 'attnum', description ->> 'since')
$function$;
