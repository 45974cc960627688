-- Find a relation by the name that a person wrote: as in SQL, or else as it is called, unquoted: Tab.le.
--
-- The caller's search_path decides, which is why none is set here.
-- Result: its oid; NULL where nothing has this name. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.find_relation(name text) RETURNS oid
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    BEGIN
        RETURN coalesce(pg_catalog.to_regclass(name), pg_catalog.to_regclass(pg_catalog.quote_ident(name)));
    EXCEPTION WHEN OTHERS THEN  -- no.such.name is a database's, which is refused
        RETURN pg_catalog.to_regclass(pg_catalog.quote_ident(name));
    END;
END
$function$;
