-- List the columns of a table by the names that they have now, whatever the transaction's snapshot shows of the catalog.
CREATE OR REPLACE FUNCTION pgaudit_py.present_names(relation oid) RETURNS TABLE (number smallint, name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT n.number::smallint, a.object_names[3]
    FROM (SELECT g.number FROM generate_series(1, 1600) AS g(number)
          WHERE has_column_privilege(relation, g.number::smallint, 'SELECT') IS NOT NULL OFFSET 0) AS n
    CROSS JOIN LATERAL pg_identify_object_as_address('pg_class'::regclass, relation, n.number) AS a
$function$;
