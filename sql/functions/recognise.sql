-- Tell which column of a shape each column of a table is.
--
-- By its number, in the relation that the shape was taken from; in another one, by its name. Where a dump brought that relation
-- (in_order), names are not believed alone, since they may have been given to other columns before the dump or after it. A dump
-- keeps columns in their order, but that those which come from a parent are first, and new ones come last. So a column is recognised where its type is the one that it was, no other
-- name that both know stands on its other side, no more columns stand before it than did, and no names were handed on past it: from
-- one that is missing on one side to one that is nobody on the other; nor to it, the last one, from one next to it that is nobody
-- now. Whoever was renamed, or changed places, is not recognised: no value of one column is ever taken for another one's, but
-- where a column went and an older one got its name.
-- Arguments: present, as table_columns() gives them; the shape as capture_N_shape() gives it; elsewhere, whether that is of
-- another relation; in_order.
CREATE OR REPLACE FUNCTION pgaudit_py.recognise(present jsonb, shape jsonb, elsewhere boolean, in_order boolean)
RETURNS TABLE (name text, was text) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH here AS (
        SELECT h.name, h.description ->> 'type' AS type, (h.description -> 'attnum')::bigint AS number,
               row_number() OVER (ORDER BY (h.description -> 'attnum')::bigint) AS place
        FROM jsonb_each(present) AS h(name, description)
    ), known AS (
        SELECT k.*, row_number() OVER (ORDER BY k.inherited DESC, k.number) AS place
        FROM (SELECT m.name, m.description ? 'inherited' AS inherited, m.description ->> 'type' AS type, coalesce(m.description -> 'now', m.description -> 'attnum')::bigint AS number
              FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)) AS k
    ), pair AS (
        SELECT h.name, k.name AS was, h.type, h.type = k.type AS alike, h.place AS here, k.place AS there,
               max(k.place) OVER (line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               min(k.place) OVER (line ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS after
        FROM here AS h JOIN known AS k ON CASE WHEN elsewhere THEN k.name = h.name ELSE k.number = h.number END
        WINDOW line AS (ORDER BY h.place)
    ), named AS MATERIALIZED (
        SELECT p.*, lag(p.here, 1, 0::bigint) OVER (ORDER BY p.here) AS neighbour, p.here = max(p.here) OVER () AS is_last
        FROM pair AS p
        WHERE p.alike AND p.here <= p.there AND coalesce(p.before < p.there, true) AND coalesce(p.there < p.after, true)
    ), nobody AS (
        SELECT h.type, min(h.place) AS first, max(h.place) AS last
        FROM here AS h WHERE h.name NOT IN (SELECT n.name FROM named AS n) GROUP BY h.type
    ), missing AS (
        SELECT k.type, min(k.place) AS first, max(k.place) AS last
        FROM known AS k WHERE k.name NOT IN (SELECT n.was FROM named AS n) GROUP BY k.type
    )
    SELECT p.name, p.was FROM pair AS p WHERE NOT (elsewhere AND in_order)
    UNION ALL
    SELECT n.name, n.was
    FROM named AS n LEFT JOIN nobody USING (type) LEFT JOIN missing USING (type)
    WHERE elsewhere AND in_order AND NOT (n.is_last AND n.neighbour < n.here - 1)
        AND ((missing.first < n.there AND nobody.last > n.here) OR (missing.last > n.there AND nobody.first < n.here)) IS NOT TRUE
$function$;
