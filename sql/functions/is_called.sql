-- Tell whether a column is called so at this moment, whatever the transaction's snapshot shows of the catalog.
--
-- PostgreSQL names an object by what it is called as it is asked. Result: false where there is no such column, or no number is given.
CREATE OR REPLACE FUNCTION pgaudit_py.is_called(relation oid, number smallint, name text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF has_column_privilege(relation, number, 'SELECT') IS NULL THEN
        RETURN false;
    END IF;
    RETURN (SELECT a.object_names[3] = name FROM pg_identify_object_as_address('pg_class'::regclass, relation, number) AS a);
END
$function$;
