-- Say in which partition a row is, as metadata has it: its addresses mean something only there.
--
-- Arguments: the partition, or the table where it has none; the table.
-- Result: {"_partition": "public.posts_2026"}; {} where the table has none.
CREATE OR REPLACE FUNCTION pgaudit_py.place_of(relation oid, root oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE WHEN relation = root THEN '{}' ELSE jsonb_build_object('_partition', relation::regclass) END
$function$;
