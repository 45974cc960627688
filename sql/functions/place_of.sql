-- Say in which partition a row is, as metadata has it: its addresses mean something only there.
--
-- Arguments: the partition, or the table where it has none; the table.
-- Result: {"_partition": "public.posts_2026", "_leaf": 16402}, for people and for us: a name may be given to another one;
-- {} where the table has none.
CREATE OR REPLACE FUNCTION pgaudit_py.place_of(relation oid, root oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT CASE WHEN relation = root THEN '{}' ELSE jsonb_build_object('_partition', relation::regclass, '_leaf', relation::bigint) END
$function$;
