-- Identify a column for as long as every change of it was seen: whatever it is called, but not over a time when it was left out.
--
-- Arguments: what watched_columns() says of it. Result: 3, or 3@7 where that is so from shape 7 on.
-- Nothing is set here, so that it is made a part of the queries that call it.
CREATE OR REPLACE FUNCTION pgaudit_py.field_id(description jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $function$
    SELECT (description ->> 'attnum') || coalesce('@' || (description ->> 'since'), '')
$function$;
