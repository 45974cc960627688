-- Tell whether the expression of a generated column is still the one that this transaction's snapshot shows.
--
-- Another expression, or none, takes the place of its entry in the catalog; PostgreSQL finds objects by their number as they are now.
CREATE OR REPLACE FUNCTION pgaudit_py.expression_stands(relation oid, number smallint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(bool_and(i.identity IS NOT NULL), false)
    FROM pg_attrdef AS e
    CROSS JOIN LATERAL pg_identify_object('pg_attrdef'::regclass, e.oid, 0) AS i
    WHERE e.adrelid = relation AND e.adnum = number
$function$;
