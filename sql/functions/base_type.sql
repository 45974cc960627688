-- Find the type that values of a domain are stored as; a type that is no domain is its own.
CREATE OR REPLACE FUNCTION pgaudit_py.base_type(type oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH RECURSIVE base AS (
        SELECT t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.oid = base_type.type
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM base JOIN pg_type AS t ON t.oid = base.typbasetype
        WHERE base.typtype = 'd'
    )
    SELECT base.oid FROM base WHERE base.typtype <> 'd'
$function$;
