-- Rebuild what a record was after one of the activities of its life, or before its first one.
--
-- Arguments: the life's activities in order, and when each was; how many of them had happened, 0 for none; the columns as they
-- were watched by then, NULL for as the last of these activities has them.
-- Result: the state with the columns as they were called then, NULL where the record did not exist; and the columns that the
-- log does not tell, with what omitted says of them: {"body": {"why": "size", ...}, "late": null}. A column's value is the last one told up to then; else the one that the
-- next change of it replaced; else the one that was stored, or stands in the table, since nothing changed it.
CREATE OR REPLACE FUNCTION pgaudit_py.state_at(
    ids bigint[], times timestamptz[], happened integer, columns_then jsonb DEFAULT NULL,
    OUT state jsonb, OUT unknown jsonb, OUT columns jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    edge record;     -- the activity that says how columns were called: the last one that had happened, else the first
    ending record;
    live jsonb;
    live_omitted jsonb;
    live_columns jsonb;
    relation oid;
BEGIN
    SELECT l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns INTO edge
    FROM pgaudit_py.activity_log AS l
    WHERE l.id = ids[greatest(happened, 1)] AND l.created_at = times[greatest(happened, 1)];
    columns := coalesce(columns_then, edge.columns);
    IF (CASE WHEN happened > 0 THEN edge.operation IN ('D', 'T') ELSE edge.operation = 'I' END) THEN
        RETURN;
    END IF;
    SELECT l.operation, l.subject_type, l.subject_id INTO ending
    FROM pgaudit_py.activity_log AS l WHERE l.id = ids[cardinality(ids)] AND l.created_at = times[cardinality(ids)];
    IF ending.operation NOT IN ('D', 'T') THEN
        relation := pgaudit_py.live_table(ending.subject_type);
        SELECT s.state, s.omitted INTO live, live_omitted FROM pgaudit_py.live_state(relation, ending.subject_id) AS s;
        live_columns := pgaudit_py.watched_columns(relation);
    END IF;
    WITH told AS (
        SELECT p.ordinal, f.field_id, f.value, f.after, f.told
        FROM unnest(ids, times) WITH ORDINALITY AS p(id, created_at, ordinal)
        JOIN pgaudit_py.activity_log AS l USING (id, created_at)
        CROSS JOIN LATERAL pgaudit_py.facts(
            l.operation, l.changes, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata)) AS f
        UNION ALL
        SELECT cardinality(ids) + 1, f.field_id, f.value, false, f.told
        FROM pgaudit_py.facts('D', NULL, live, live_omitted, live_columns) AS f
        WHERE live IS NOT NULL
    ), nearest AS (
        SELECT DISTINCT ON (field_id) field_id, value, told.told
        FROM told WHERE ordinal > happened OR after
        ORDER BY field_id, (after AND ordinal <= happened) DESC,
            CASE WHEN after AND ordinal <= happened THEN -ordinal ELSE ordinal END, after
    ), field AS (
        SELECT c.name, n.value, coalesce(n.told, false) AS known
        FROM jsonb_each(state_at.columns) AS c(name, description)
        LEFT JOIN nearest AS n ON n.field_id = pgaudit_py.field_id(c.description)
            AND NOT c.description ?| '{excluded,redacted}'
    )
    SELECT coalesce(jsonb_object_agg(name, value) FILTER (WHERE known AND value IS NOT NULL), '{}'),
           jsonb_object_agg(name, value) FILTER (WHERE NOT known)
    INTO state, unknown FROM field;
END
$function$;
