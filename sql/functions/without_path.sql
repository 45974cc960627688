-- Cut a path out of a JSON value; a value that has no such path is given back as it is.
--
-- Arguments: the value; the path, as #- takes it. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.without_path(value jsonb, path text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RETURN value #- path;
EXCEPTION WHEN data_exception THEN  -- a scalar, or an array where the path has a name
    RETURN value;
END
$function$;
