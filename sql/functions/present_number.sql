-- Find the number of a column by the name that it has now, whatever the transaction's snapshot shows of the catalog.
--
-- PostgreSQL names a column in its messages by what it is called at this moment: asked for each number, it tells whose the name is.
-- Arguments: the table; the column's name; the number to try first, NULL for none.
-- Result: the number; NULL where no column has the name.
CREATE OR REPLACE FUNCTION pgaudit_py.present_number(relation oid, column_name text, likely smallint) RETURNS smallint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    number smallint := likely;
BEGIN
    FOR i IN 0 .. 1600 LOOP
        number := CASE i WHEN 0 THEN likely ELSE i END;
        IF has_column_privilege(relation, number, 'SELECT') IS NOT NULL
                AND (SELECT a.object_names[3] = column_name
                     FROM pg_identify_object_as_address('pg_class'::regclass, relation, number) AS a) THEN
            RETURN number;
        END IF;
    END LOOP;
    RETURN NULL;
END
$function$;
