-- List the columns that a generated column is made from.
--
-- Arguments: the table; the number of the generated column. Result: none for a column that is not generated.
CREATE OR REPLACE FUNCTION pgaudit_py.sources_of(relation oid, number smallint) RETURNS TABLE (source smallint, name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT DISTINCT a.attnum, a.attname::text
    FROM pg_attrdef AS e
    JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = e.adrelid AND d.refobjsubid <> e.adnum
    JOIN pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = d.refobjsubid AND NOT a.attisdropped
    WHERE e.adrelid = relation AND e.adnum = number
        AND EXISTS (SELECT FROM pg_attribute AS g WHERE g.attrelid = relation AND g.attnum = number AND g.attgenerated <> '')
$function$;
