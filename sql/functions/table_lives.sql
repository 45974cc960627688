-- List the lives of all records of a table that have a key.
--
-- Set by set where ids tell the order; slot by slot where keys changed or the order is in doubt (see slot_events).
-- Result: life, the id of its first activity; ordinal; id; ended, whether the record is gone.
CREATE OR REPLACE FUNCTION pgaudit_py.table_lives(
    subject_type text, OUT life bigint, OUT ordinal integer, OUT id bigint, OUT ended boolean
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH event AS MATERIALIZED (
        SELECT l.id, l.subject_id, l.previous_subject_id, l.operation, l.transaction_id, l.old_tid, l.new_tid,
               (SELECT max(t.id) FROM pgaudit_py.activity_log AS t
                WHERE t.subject_type = table_lives.subject_type AND t.subject_id IS NULL AND t.operation = 'T'
                    AND t.id < l.id) AS after_truncate
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = table_lives.subject_type AND l.operation IS NOT NULL AND l.subject_id IS NOT NULL
    ), neighbour AS (
        SELECT e.*, lag(e.operation) OVER slot AS lag_operation, lag(e.new_tid) OVER slot AS lag_tid,
               lag(e.transaction_id) OVER slot AS lag_transaction,
               lag(e.after_truncate) OVER slot IS DISTINCT FROM e.after_truncate AS truncated
        FROM event AS e WINDOW slot AS (PARTITION BY e.subject_id ORDER BY e.id)
    ), doubtful AS (
        SELECT n.subject_id AS slot FROM neighbour AS n
        WHERE n.previous_subject_id IS NOT NULL
            OR (n.lag_operation IS NOT NULL AND NOT n.truncated AND (
                (n.operation = 'I') <> (n.lag_operation = 'D')
                OR (n.transaction_id = n.lag_transaction AND n.old_tid <> n.lag_tid)))
        UNION
        SELECT e.previous_subject_id FROM event AS e WHERE e.previous_subject_id IS NOT NULL
    ), simple AS (
        SELECT n.*, count(*) FILTER (WHERE n.lag_operation IS NULL OR n.operation = 'I' OR n.truncated)
            OVER (PARTITION BY n.subject_id ORDER BY n.id) AS number
        FROM neighbour AS n WHERE NOT EXISTS (SELECT FROM doubtful AS d WHERE d.slot = n.subject_id)
    ), walked AS (
        SELECT DISTINCT ON (w.ids[1]) w.ids
        FROM doubtful AS d
        CROSS JOIN LATERAL (
            SELECT s.id, s.birth, lag(s.death) OVER (ORDER BY s.ordinal) AS lag_death
            FROM pgaudit_py.slot_events(table_lives.subject_type, d.slot) AS s
        ) AS s
        CROSS JOIN LATERAL (SELECT array_agg(l.id ORDER BY l.ordinal) AS ids FROM pgaudit_py.life(s.id) AS l) AS w
        WHERE (s.birth OR coalesce(s.lag_death, true)) AND w.ids IS NOT NULL
        ORDER BY w.ids[1]
    )
    SELECT f.life, f.ordinal, f.id,
           f.last_operation = 'D'
               OR EXISTS (SELECT FROM pgaudit_py.activity_log AS t
                          WHERE t.subject_type = table_lives.subject_type AND t.subject_id IS NULL
                              AND t.operation = 'T' AND t.id > f.last_id)
    FROM (
        SELECT first_value(s.id) OVER whole AS life, (row_number() OVER whole)::integer AS ordinal, s.id,
               last_value(s.operation) OVER whole AS last_operation, last_value(s.id) OVER whole AS last_id
        FROM simple AS s
        WINDOW whole AS (PARTITION BY s.subject_id, s.number ORDER BY s.id
                         ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ) AS f
    UNION ALL
    SELECT w.ids[1], p.position::integer, p.id,
           (SELECT l.operation IN ('D', 'T') FROM pgaudit_py.activity_log AS l WHERE l.id = w.ids[cardinality(w.ids)])
    FROM walked AS w CROSS JOIN LATERAL unnest(w.ids) WITH ORDINALITY AS p(id, position)
$function$;
