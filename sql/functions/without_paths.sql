-- Give the SQL expression that cuts paths out of a JSON value.
--
-- Arguments: the value as an SQL expression; the paths, an array of arrays of texts, NULL for none.
CREATE OR REPLACE FUNCTION pgaudit_py.without_paths(value text, paths jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    path jsonb;
BEGIN
    FOR path IN SELECT p.path FROM jsonb_array_elements(paths) AS p(path) LOOP
        value := format('pgaudit_py.without_path(%s, %L::text[])', value, ARRAY(SELECT jsonb_array_elements_text(path)));
    END LOOP;
    RETURN value;
END
$function$;
