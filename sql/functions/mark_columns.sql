-- Say of a table's columns who they are to the log, and how each is watched.
--
-- One that is recognised keeps the number by which the log knows it.
-- Arguments: present, as table_columns() gives them; the shape as capture_N_shape() gives it, NULL where there is none;
-- foreign_shift, see shift_of(): NULL in the relation of the shape; in_order, see recognise().
-- Result: present, with attnum as the log knows the column, and now where its number in the table is another one; and with the
-- members that mark it: excluded, redacted, paths, since; doubt, where it is redacted because it may be a column that was marked.
-- shift is what the numbers of columns that the log does not know yet get added in this relation.
-- In doubt nothing is told: a column whose name a marked one had is marked as that was, unless it is known itself; a jsonb of
-- which paths are redacted, and which is of another type now, is redacted as a whole; and so is what is generated from a
-- column that is not told. In another relation also whatever may be a marked column that is missing there: one that is not
-- recognised, or that stands where it would; and, of what a dump brought, one that is not recognised and is not new, since
-- others stand behind it. But not the key: that is never marked.
CREATE OR REPLACE FUNCTION pgaudit_py.mark_columns(present jsonb, shape jsonb, foreign_shift bigint, in_order boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH known AS MATERIALIZED (
        SELECT m.name, m.description -> 'attnum' AS number, r.name AS is_now, coalesce(shape -> 'key' ? m.name, false) AS is_key,
               coalesce(m.description -> 'now', m.description -> 'attnum')::bigint + CASE WHEN m.description ? 'inherited' THEN 0 ELSE 2000 END AS place,
               m.description ?| '{excluded,redacted,paths}' AS marked, (
                   SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(m.description) AS e
                   WHERE e.key IN ('excluded', 'redacted', 'paths', 'since')) AS marks
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
        LEFT JOIN pgaudit_py.recognise(present, shape, foreign_shift IS NOT NULL, in_order) AS r ON r.was = m.name
    ), whole AS (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE coalesce(foreign_shift, max((m.description ->> 'shift')::bigint), 0) END AS shift
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
    ), field AS (
        SELECT p.name, p.description, p.description -> 'attnum' AS now, k.number, k.is_key, coalesce(k.marks, (
                   SELECT o.marks - 'since' FROM known AS o WHERE o.name = p.name AND o.marked), '{}') AS marks,
               max(k.place) OVER (line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               min(k.place) OVER (line ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS after
        FROM jsonb_each(present) AS p(name, description)
        LEFT JOIN known AS k ON k.is_now = p.name
        WINDOW line AS (ORDER BY (p.description -> 'attnum')::bigint)
    ), judged AS (
        SELECT f.*, foreign_shift IS NOT NULL AND NOT f.marks ?| '{excluded,redacted,paths}' AND f.is_key IS NOT TRUE AND EXISTS (
                   SELECT FROM known AS m
                   WHERE m.marked AND CASE
                       WHEN f.number IS NULL THEN m.is_now IS NULL OR (in_order AND f.after IS NOT NULL)
                       ELSE in_order AND m.is_now IS NULL AND coalesce(m.place > f.before, true) AND coalesce(m.place < f.after, true) END) AS doubt
        FROM field AS f
    ), kept AS (
        SELECT f.name, f.description, f.now, coalesce(f.number, to_jsonb((f.now #>> '{}')::bigint + w.shift)) AS number, w.shift,
               CASE WHEN f.doubt THEN f.marks || '{"redacted": true, "doubt": true}'
                    WHEN f.marks ? 'paths' AND f.description ->> 'encoding' <> 'jsonb' THEN f.marks - 'paths' || '{"redacted": true}'
                    ELSE f.marks END AS marks
        FROM judged AS f CROSS JOIN whole AS w
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
