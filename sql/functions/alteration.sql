-- Tell how an audited table differs from what the log last told of it, its triggers aside; see table_differences().
--
-- Arguments: the tracked table's id; its table, NULL where that is gone. Result: NULL where nothing differs.
CREATE OR REPLACE FUNCTION pgaudit_py.alteration(tracked_id integer, relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.table_differences(t.state, pgaudit_py.present_state(tracked_id, relation, t.state, false))
    FROM (SELECT pgaudit_py.told_state(tracked_id)) AS t(state) WHERE t.state IS NOT NULL
$function$;
