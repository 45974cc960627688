-- Add to columns what is only known of a table under audit: which are left out or redacted, and since when all is seen.
--
-- Arguments: present, as table_columns() gives them; marked, the columns of a shape, by whose numbers they are recognised,
-- whatever they are called by now.
-- Result: present, with the members that mark a column: excluded, redacted, paths, since. In doubt nothing is told: a column
-- that was dropped and made anew under its name is marked as before; a jsonb of which paths are redacted, and which is of
-- another type now, is redacted as a whole; and of a column whose number is a guess nobody knows whether it is one that is
-- marked, while such a one is missing.
CREATE OR REPLACE FUNCTION pgaudit_py.mark_columns(present jsonb, marked jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH mark AS (
        SELECT m.name, m.description -> 'attnum' AS number,
               m.description - ARRAY['attnum', 'type', 'encoding', 'generated', 'identity'] AS marks,
               NOT EXISTS (SELECT FROM jsonb_each(present) AS p(name, description)
                           WHERE p.description -> 'attnum' = m.description -> 'attnum' AND NOT p.description ? 'guess')
                   AND m.description ?| '{excluded,redacted,paths}' AS missing
        FROM jsonb_each(marked) AS m(name, description)
    ), field AS (
        SELECT p.name, p.description - 'guess' AS description, coalesce(
            (SELECT m.marks FROM mark AS m WHERE m.number = p.description -> 'attnum' AND NOT p.description ? 'guess'),
            (SELECT m.marks - 'since' FROM mark AS m WHERE m.name = p.name AND m.missing),
            CASE WHEN p.description ? 'guess' AND EXISTS (SELECT FROM mark AS m WHERE m.missing) THEN '{"redacted": true}'::jsonb END,
            '{}') AS marks
        FROM jsonb_each(present) AS p(name, description)
    )
    SELECT coalesce(jsonb_object_agg(f.name, f.description || CASE
        WHEN f.marks ? 'paths' AND f.description ->> 'encoding' <> 'jsonb' THEN f.marks - 'paths' || '{"redacted": true}'
        ELSE f.marks END), '{}')
    FROM field AS f
$function$;
