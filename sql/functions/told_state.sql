-- Say how an audited table was when the log last told: by the last install, or by an activity altered since.
--
-- Arguments: the tracked table's id. Result: as present_state() gives it; NULL where no install has noted a shape.
-- Such an activity names the shape that was the newest then, which no application can.
CREATE OR REPLACE FUNCTION pgaudit_py.told_state(tracked_id integer) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT coalesce(l.state, '{"triggers": {}}') || CASE WHEN l.shape_id = s.id THEN '{}' ELSE jsonb_build_object(
        'columns', pgaudit_py.essential_columns(s.columns), 'key', s.key, 'table', format('%I.%I', k.schema_name, k.table_name)) END
    FROM pgaudit_py.tracked_table AS k
    JOIN LATERAL (
        SELECT n.* FROM pgaudit_py.table_shape AS n WHERE n.tracked_table_id = k.id ORDER BY n.id DESC LIMIT 1) AS s ON true
    LEFT JOIN LATERAL (
        SELECT a.shape_id, a.metadata -> '_after' AS state
        FROM pgaudit_py.activity_log AS a
        WHERE a.action = 'altered' AND a.operation IS NULL AND a.subject_type = k.subject_type AND a.shape_id IS NOT NULL
        ORDER BY a.id DESC LIMIT 1) AS l ON true
    WHERE k.id = tracked_id
$function$;
