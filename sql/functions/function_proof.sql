-- Sum up a function, to tell whether it is as migrate made it: what it takes and gives, what it runs, and under which rules.
--
-- Result: sha256, hexadecimal: the same in every database, whatever the encoding and the oids. Owner and grants are not in it: they
-- are looked at by themselves. A session with quote_all_identifiers that made one, or loaded it from a dump, has quoted its
-- search_path.
CREATE OR REPLACE FUNCTION pgaudit_py.function_proof(function_oid oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT encode(sha256(convert_to(concat_ws(E'\n',
        p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname, p.prokind, p.provolatile, p.proparallel,
        p.proisstrict, p.prosecdef, p.proleakproof,
        array_to_string(array_replace(p.proconfig, 'search_path="pg_catalog", "pg_temp"', 'search_path=pg_catalog, pg_temp'), E'\n'),
        p.prosrc), getdatabaseencoding())), 'hex')
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.oid = function_oid
$function$;
