-- Say of a table's columns who they are to the log, and how each is watched.
--
-- A column is recognised by its number, whatever it is called by now; in another relation (a dump brought it, or it was made
-- anew), where numbers mean something else, by its name. It keeps the number by which the log knows it.
-- Arguments: present, as table_columns() gives them; marked, the columns of a shape, NULL where there is none; foreign_shift, see
-- shift_of(): NULL where that is the shape of this relation.
-- Result: present, with attnum as the log knows the column, and now where its number in the table is another one; and with the
-- members that mark it: excluded, redacted, paths, since. shift is what the numbers of columns that the log does not know yet get
-- added in this relation.
-- In doubt nothing is told: a column whose name a marked one had is marked as that was, unless it is known itself; a jsonb of
-- which paths are redacted, and which is of another type now, is redacted as a whole; and so is what is generated from a
-- column that is not told, and, in another relation, whatever is new where a marked one is missing.
CREATE OR REPLACE FUNCTION pgaudit_py.mark_columns(present jsonb, marked jsonb, foreign_shift bigint) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH known AS (
        SELECT m.name, m.description -> 'attnum' AS number, coalesce(m.description -> 'now', m.description -> 'attnum') AS now,
               (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(m.description) AS e
                WHERE e.key IN ('excluded', 'redacted', 'paths', 'since')) AS marks
        FROM jsonb_each(marked) AS m(name, description)
    ), moved AS (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE coalesce(foreign_shift, max((m.description ->> 'shift')::bigint), 0) END AS by
        FROM jsonb_each(marked) AS m(name, description)
    ), lost AS (
        SELECT foreign_shift IS NOT NULL AND count(*) > 0 AS some
        FROM known AS k WHERE k.marks ?| '{excluded,redacted,paths}' AND NOT present ? k.name
    ), field AS (
        SELECT p.name, p.description, p.description -> 'attnum' AS now, k.number, coalesce(k.marks, (
                   SELECT o.marks - 'since' FROM known AS o WHERE o.name = p.name AND o.marks ?| '{excluded,redacted,paths}'), '{}') AS marks
        FROM jsonb_each(present) AS p(name, description)
        LEFT JOIN known AS k ON CASE WHEN foreign_shift IS NULL THEN k.now = p.description -> 'attnum' ELSE k.name = p.name END
    ), kept AS (
        SELECT f.name, f.description, f.now, coalesce(f.number, to_jsonb((f.now #>> '{}')::bigint + moved.by)) AS number, moved.by,
               CASE WHEN f.marks = '{}' AND f.number IS NULL AND lost.some THEN '{"redacted": true}'
                    WHEN f.marks ? 'paths' AND f.description ->> 'encoding' <> 'jsonb' THEN f.marks - 'paths' || '{"redacted": true}'
                    ELSE f.marks END AS marks
        FROM field AS f CROSS JOIN moved CROSS JOIN lost
    )
    SELECT coalesce(jsonb_object_agg(s.name,
        s.description - 'sources' || jsonb_build_object('attnum', s.number) || s.marks
        || CASE WHEN s.now = s.number THEN '{}' ELSE jsonb_build_object('now', s.now) END
        || CASE WHEN s.by = 0 THEN '{}' ELSE jsonb_build_object('shift', s.by) END
        || CASE WHEN NOT s.marks ?| '{excluded,redacted,paths}' AND EXISTS (
                SELECT FROM kept AS o WHERE s.description -> 'sources' @> o.now AND o.marks ?| '{excluded,redacted,paths}')
            THEN '{"redacted": true}'::jsonb ELSE '{}' END), '{}')
    FROM kept AS s
$function$;
