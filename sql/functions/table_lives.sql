-- List the lives of all records of a table that have a key.
--
-- Result: life, the id of its first activity; ordinal, in the true order of changes; the activity; ended, whether the
-- record is gone.
CREATE OR REPLACE FUNCTION pgaudit_py.table_lives(
    subject_type text, OUT life bigint, OUT ordinal bigint, OUT id bigint, OUT created_at timestamptz, OUT ended boolean
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off AS $function$
    WITH event AS MATERIALIZED (
        SELECT s.*, first_value(s.id) OVER (PARTITION BY s.slot COLLATE "C", s.stay ORDER BY s.ordinal) AS first_id
        FROM pgaudit_py.stays(table_lives.subject_type) AS s
    ), move AS MATERIALIZED (
        -- The stays of records that changed their key: which activity each came by and left by.
        SELECT e.slot, e.stay, e.first_id, min(e.id) FILTER (WHERE e.came_from IS NOT NULL) AS arrival,
               min(e.id) FILTER (WHERE e.went_to IS NOT NULL) AS departure, (row_number() OVER ())::integer AS number
        FROM event AS e
        GROUP BY e.slot, e.stay, e.first_id HAVING count(e.came_from) + count(e.went_to) > 0
    ), chained AS (
        SELECT m.slot, m.stay, head.first_id AS life, c.depth
        FROM pgaudit_py.chains((
            SELECT array_agg(before.number ORDER BY m.number)
            FROM move AS m LEFT JOIN move AS before ON before.departure = m.arrival)) AS c
        JOIN move AS m USING (number)
        JOIN move AS head ON head.number = c.head
    )
    SELECT w.life, row_number() OVER part, w.id, w.created_at, last_value(w.death) OVER whole
    FROM (
        SELECT e.*, coalesce(c.life, e.first_id) AS life, coalesce(c.depth, 0) AS depth
        FROM event AS e LEFT JOIN chained AS c USING (slot, stay)
    ) AS w
    WHERE w.went_to IS NULL  -- a move is told by the slot that it led to
    WINDOW part AS (PARTITION BY w.life ORDER BY w.depth, w.ordinal),
           whole AS (PARTITION BY w.life ORDER BY w.depth, w.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
$function$;
