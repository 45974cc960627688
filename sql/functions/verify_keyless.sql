-- Do the work of verify_table() for a table without a key; see there.
--
-- Rows are told apart by their contents only, so numbers of equal rows are compared: what the log says is there, counted
-- since the trail began or the table was last truncated, must be in the table at least as often. Rows older than the trail
-- may be there besides. Columns are compared that all shapes share, and of which the log has every value.
CREATE OR REPLACE FUNCTION pgaudit_py.verify_keyless(subject_type text, relation oid) RETURNS TABLE (
    problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $function$
    WITH activity AS MATERIALIZED (
        SELECT l.id, l.operation, l.changes, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = verify_keyless.subject_type AND l.operation IN ('I', 'U', 'D')
            AND l.subject_id IS NULL  -- what was recorded under a key that is gone tells changes, not rows
            AND l.id > coalesce((SELECT max(t.id) FROM pgaudit_py.activity_log AS t
                                 WHERE t.subject_type = verify_keyless.subject_type AND t.operation = 'T'
                                     AND (t.metadata -> '_leaf' IS NOT DISTINCT FROM l.metadata -> '_leaf'
                                          OR (t.metadata -> '_partition' = l.metadata -> '_partition' AND NOT t.metadata ? '_departed'))), 0)
    ), shape AS (
        SELECT DISTINCT a.columns FROM activity AS a UNION SELECT pgaudit_py.watched_columns(relation)
    ), shared AS (
        SELECT pgaudit_py.field_id(e.description) AS number, e.description ->> 'type' AS type
        FROM shape AS s CROSS JOIN LATERAL jsonb_each(s.columns) AS e(name, description)
        WHERE NOT e.description ?| '{excluded,redacted}' AND pgaudit_py.field_id(e.description) NOT IN (
            SELECT pgaudit_py.field_id(a.columns -> o.key) FROM activity AS a CROSS JOIN LATERAL jsonb_each(a.omitted) AS o
            WHERE o.value ->> 'why' <> 'redacted')
        GROUP BY 1, 2 HAVING count(*) = (SELECT count(*) FROM shape)
    ), row_count AS (
        SELECT a.columns, a.snapshot AS state, CASE a.operation WHEN 'D' THEN -1 ELSE 1 END AS number, 0 AS live, a.id
        FROM activity AS a
        UNION ALL
        SELECT a.columns, pgaudit_py.apply_changes(a.snapshot, pgaudit_py.invert_changes(a.changes)), -1, 0, a.id
        FROM activity AS a WHERE a.operation = 'U'
        UNION ALL
        SELECT pgaudit_py.watched_columns(relation), r.state, 0, 1, NULL FROM pgaudit_py.live_rows(relation) AS r
    ), common AS (
        SELECT r.number, r.live, r.id, (
            SELECT coalesce(jsonb_object_agg(s.number, r.state -> e.name), '{}')
            FROM jsonb_each(r.columns) AS e(name, description) JOIN shared AS s ON s.number = pgaudit_py.field_id(e.description)
        ) AS state FROM row_count AS r
    )
    SELECT 'the table holds fewer such rows than the log says', NULL, max(c.id), NULL,
           jsonb_build_object('count', sum(c.number), 'row', (array_agg(c.state))[1]), to_jsonb(sum(c.live))
    FROM common AS c GROUP BY c.state::text HAVING sum(c.number) > sum(c.live)
$function$;
