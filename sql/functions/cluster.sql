-- Identify the database cluster: a dump carries rows and names to another one, but no numbers.
--
-- Result: the system identifier; NULL where the caller may not read it.
CREATE OR REPLACE FUNCTION pgaudit_py.cluster() RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF has_function_privilege('pg_control_system()', 'EXECUTE') THEN
        RETURN (SELECT c.system_identifier FROM pg_control_system() AS c);
    END IF;
    RETURN NULL;
END
$function$;
