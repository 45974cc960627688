-- Say of a table's columns who they are to the log, and how each is watched.
--
-- One that is recognised keeps the number by which the log knows it.
-- Arguments: present, as table_columns() gives them; the shape as capture_N_shape() gives it, NULL where there is none;
-- foreign_shift, see shift_of(): NULL in the relation of the shape; in_order, see recognise().
-- Result: present, with attnum as the log knows the column, and now where its number in the table is another one; and with the
-- members that mark it: excluded, redacted, paths, since. shift is what the numbers of columns that the log does not know yet get
-- added in this relation.
-- In doubt nothing is told: a column whose name a marked one had is marked as that was, unless it is known itself; a jsonb of
-- which paths are redacted, and which is of another type now, is redacted as a whole; and so is what is generated from a
-- column that is not told, and, in another relation, whatever is new where a marked one is missing.
CREATE OR REPLACE FUNCTION pgaudit_py.mark_columns(present jsonb, shape jsonb, foreign_shift bigint, in_order boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH found AS (
        SELECT r.name, r.was FROM pgaudit_py.recognise(present, shape, foreign_shift IS NOT NULL, in_order) AS r
    ), known AS (
        SELECT m.name, m.description -> 'attnum' AS number, m.description ->> 'type' AS type, f.name AS is_now, (
                   SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(m.description) AS e
                   WHERE e.key IN ('excluded', 'redacted', 'paths', 'since')) AS marks
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
        LEFT JOIN found AS f ON f.was = m.name
    ), whole AS (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE coalesce(foreign_shift, max((m.description ->> 'shift')::bigint), 0) END AS shift,
               -- One of the marked ones is missing, or has perhaps given its name to one that is.
               foreign_shift IS NOT NULL AND EXISTS (
                   SELECT FROM known AS k JOIN known AS o ON o.type = k.type AND o.is_now IS NULL
                   WHERE k.marks ?| '{excluded,redacted,paths}') AS in_doubt
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
    ), field AS (
        SELECT p.name, p.description, p.description -> 'attnum' AS now, k.number, coalesce(k.marks, (
                   SELECT o.marks - 'since' FROM known AS o WHERE o.name = p.name AND o.marks ?| '{excluded,redacted,paths}'), '{}') AS marks
        FROM jsonb_each(present) AS p(name, description)
        LEFT JOIN known AS k ON k.is_now = p.name
    ), kept AS (
        SELECT f.name, f.description, f.now, coalesce(f.number, to_jsonb((f.now #>> '{}')::bigint + w.shift)) AS number, w.shift,
               CASE WHEN f.marks = '{}' AND f.number IS NULL AND w.in_doubt THEN '{"redacted": true}'
                    WHEN f.marks ? 'paths' AND f.description ->> 'encoding' <> 'jsonb' THEN f.marks - 'paths' || '{"redacted": true}'
                    ELSE f.marks END AS marks
        FROM field AS f CROSS JOIN whole AS w
    )
    SELECT coalesce(jsonb_object_agg(s.name,
        s.description - 'sources' || jsonb_build_object('attnum', s.number) || s.marks
        || CASE WHEN s.now = s.number THEN '{}' ELSE jsonb_build_object('now', s.now) END
        || CASE WHEN s.shift = 0 THEN '{}' ELSE jsonb_build_object('shift', s.shift) END
        || CASE WHEN NOT s.marks ?| '{excluded,redacted,paths}' AND EXISTS (
                SELECT FROM kept AS o WHERE s.description -> 'sources' @> o.now AND o.marks ?| '{excluded,redacted,paths}')
            THEN '{"redacted": true}'::jsonb ELSE '{}' END), '{}')
    FROM kept AS s
$function$;
