-- Tell how an audited table differs from what it was: what the activity altered says.
--
-- Arguments: its state before and after, as present_state() gives it.
-- Result: what column_differences() gives; key, [["id"], ["id", "de"]], where other columns tell records apart; table,
-- ["public.posts", "shop.articles"], null for one that is gone; triggers, {"00_pgaudit_py": ["always", "disabled"]}. NULL
-- where nothing differs.
CREATE OR REPLACE FUNCTION pgaudit_py.table_differences(before jsonb, after jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT nullif(
        pgaudit_py.column_differences(before -> 'columns', after -> 'columns')
        || CASE WHEN pgaudit_py.shape_key(before) = pgaudit_py.shape_key(after) THEN '{}'
                ELSE jsonb_build_object('key', jsonb_build_array(before -> 'key', after -> 'key')) END
        || CASE WHEN before -> 'table' = after -> 'table' THEN '{}'
                ELSE jsonb_build_object('table', jsonb_build_array(before -> 'table', after -> 'table')) END
        || coalesce((
            SELECT jsonb_build_object('triggers', jsonb_object_agg(
                t.name, jsonb_build_array(coalesce(before -> 'triggers' -> t.name, '"always"'), coalesce(after -> 'triggers' -> t.name, '"always"'))))
            FROM (SELECT jsonb_object_keys(coalesce(before -> 'triggers', '{}') || coalesce(after -> 'triggers', '{}'))) AS t(name)
            WHERE coalesce(before -> 'triggers' -> t.name, '"always"') <> coalesce(after -> 'triggers' -> t.name, '"always"')
            HAVING count(*) > 0), '{}'),
        '{}')
$function$;
