-- Tell which column of a shape each column of a table is.
--
-- By its number, in the relation that the shape was taken from. In another one, by its name; and where a dump brought that, which keeps
-- columns in their order, only as far as both agree: of columns whose names were swapped since the shape was taken, none
-- is recognised. Columns of the key are recognised by their place in the primary key, too, whatever they are called.
-- Arguments: present, as table_columns() gives them; the shape as capture_N_shape() gives it; whether that is of another
-- relation; primary_key, where a dump brought that relation, else NULL.
CREATE OR REPLACE FUNCTION pgaudit_py.recognise(present jsonb, shape jsonb, elsewhere boolean, primary_key text[])
RETURNS TABLE (name text, was text) LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH here AS (
        SELECT p.name, (p.description ->> 'attnum')::bigint AS place, p.description ->> 'type' AS type
        FROM jsonb_each(present) AS p(name, description)
    ), known AS (
        SELECT m.name, coalesce(m.description ->> 'now', m.description ->> 'attnum')::bigint AS place, m.description ->> 'type' AS type
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
    ), alike AS (
        SELECT h.name, k.name AS was, k.place,
               max(k.place) OVER (ORDER BY h.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               min(k.place) OVER (ORDER BY h.place ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS behind
        FROM here AS h JOIN known AS k ON CASE WHEN elsewhere THEN k.name = h.name ELSE k.place = h.place END
    ), certain AS (
        SELECT a.name, a.was FROM alike AS a
        WHERE NOT elsewhere OR primary_key IS NULL OR a.place > coalesce(a.before, 0) AND a.place < coalesce(a.behind, a.place + 1)
    )
    SELECT c.name, c.was FROM certain AS c
    UNION ALL
    SELECT h.name, k.name
    FROM unnest(primary_key) WITH ORDINALITY AS p(name, position)
    JOIN jsonb_array_elements_text(shape -> 'key') WITH ORDINALITY AS t(name, position) USING (position)
    JOIN here AS h ON h.name = p.name
    JOIN known AS k ON k.name = t.name AND k.type = h.type
    WHERE elsewhere AND cardinality(primary_key) = jsonb_array_length(shape -> 'key')
        AND NOT EXISTS (SELECT FROM certain AS c WHERE c.name = h.name OR c.was = k.name)
$function$;
