-- Tell which column of a shape each column of a table is.
--
-- By its number, in the relation that the shape was taken from; in another one, by its name. Where a dump brought that relation
-- (in_order), names are not believed alone: they may have been given to other columns before the dump or after it. A dump keeps
-- columns in their order, and new ones come last. So columns whose names are in their old order are who they are called, but
-- for those that renames could explain as well; and what stands between two of them is recognised by its place, if there
-- are as many as there were.
-- Arguments: present, as table_columns() gives them; the shape as capture_N_shape() gives it; elsewhere, whether that is of
-- another relation; in_order.
CREATE OR REPLACE FUNCTION pgaudit_py.recognise(present jsonb, shape jsonb, elsewhere boolean, in_order boolean)
RETURNS TABLE (name text, was text) LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    here text[];        -- columns in their order, as they are
    here_type text[];
    known text[];       -- and as they were
    known_type text[];
    is_at integer[];    -- for each of here, its place in known; NULL where it is not recognised
    ends integer[];     -- how many columns in their old order end with this one
    begins integer[];   -- and how many begin with it
    longest integer;
    doubtful integer[];
    by_place integer[];
    last_here integer := 0;
    last_known integer := 0;
BEGIN
    IF NOT elsewhere OR NOT in_order THEN
        RETURN QUERY
        SELECT h.name, k.name
        FROM jsonb_each(present) AS h(name, description)
        JOIN jsonb_each(nullif(shape -> 'columns', 'null')) AS k(name, description) ON CASE
            WHEN elsewhere THEN k.name = h.name
            ELSE coalesce(k.description -> 'now', k.description -> 'attnum') = h.description -> 'attnum' END;
        RETURN;
    END IF;
    SELECT array_agg(c.name ORDER BY (c.description -> 'attnum')::bigint), array_agg(c.description ->> 'type' ORDER BY (c.description -> 'attnum')::bigint)
    INTO here, here_type FROM jsonb_each(present) AS c(name, description);
    SELECT array_agg(c.name ORDER BY p.place), array_agg(c.description ->> 'type' ORDER BY p.place)
    INTO known, known_type FROM jsonb_each(shape -> 'columns') AS c(name, description)
    CROSS JOIN LATERAL (SELECT coalesce(c.description -> 'now', c.description -> 'attnum')::bigint AS place) AS p;
    is_at := ARRAY(SELECT CASE WHEN here_type[i] = known_type[p.place] THEN p.place END
                   FROM generate_subscripts(here, 1) AS i CROSS JOIN LATERAL (SELECT array_position(known, here[i]) AS place) AS p ORDER BY i);

    -- Names that are in their old order, in whatever way one looks for the longest row of them.
    IF EXISTS (SELECT FROM (SELECT p.place, lag(p.place) OVER (ORDER BY p.position) AS before
                            FROM unnest(is_at) WITH ORDINALITY AS p(place, position) WHERE p.place IS NOT NULL) AS o WHERE o.before > o.place) THEN
        FOR i IN 1 .. cardinality(here) LOOP
            ends[i] := 1 + coalesce((SELECT max(ends[j]) FROM generate_series(1, i - 1) AS j WHERE is_at[j] < is_at[i]), 0);
        END LOOP;
        FOR i IN REVERSE cardinality(here) .. 1 LOOP
            begins[i] := 1 + coalesce((SELECT max(begins[j]) FROM generate_series(i + 1, cardinality(here)) AS j WHERE is_at[j] > is_at[i]), 0);
        END LOOP;
        longest := (SELECT max(ends[i] + begins[i]) FROM generate_subscripts(here, 1) AS i WHERE is_at[i] IS NOT NULL);
        is_at := ARRAY(
            SELECT CASE WHEN ends[i] + begins[i] = longest
                         AND 1 = (SELECT count(*) FROM generate_subscripts(here, 1) AS o
                                  WHERE is_at[o] IS NOT NULL AND ends[o] = ends[i] AND ends[o] + begins[o] = longest)
                        THEN is_at[i] END
            FROM generate_subscripts(here, 1) AS i ORDER BY i);
    END IF;

    LOOP
        -- Between two columns some go, none come: where there are more than there were, one of the two is somebody else: the left one
        -- if it may have come from the left, from a column of its type that is missing there; the right one likewise, or as a new one.
        doubtful := ARRAY(
            SELECT unnest(CASE WHEN b.from_left = b.from_right THEN ARRAY[b.before, b.i] WHEN b.from_left THEN ARRAY[b.before] ELSE ARRAY[b.i] END)
            FROM (
                SELECT g.i, g.before,
                       EXISTS (SELECT FROM generate_series(1, is_at[g.before] - 1) AS k
                               WHERE known_type[k] = here_type[g.before] AND array_position(is_at, k) IS NULL) AS from_left,
                       g.is_last OR EXISTS (
                           SELECT FROM generate_series(is_at[g.i] + 1, cardinality(known)) AS k
                           WHERE known_type[k] = here_type[g.i] AND array_position(is_at, k) IS NULL) AS from_right
                FROM (SELECT i, lag(i, 1, 0) OVER (ORDER BY i) AS before, is_at[i] - lag(is_at[i], 1, 0) OVER (ORDER BY i) AS were,
                             i = max(i) OVER () AS is_last
                      FROM generate_subscripts(here, 1) AS i WHERE is_at[i] IS NOT NULL) AS g
                WHERE g.i - g.before > g.were) AS b);
        IF doubtful = '{}' THEN
            by_place := is_at;
            last_here := 0;
            last_known := 0;
            FOR i IN 1 .. cardinality(here) LOOP
                CONTINUE WHEN is_at[i] IS NULL;
                FOR j IN last_here + 1 .. i - 1 LOOP
                    IF i - last_here = is_at[i] - last_known
                            AND (here_type[j] = known_type[last_known + j - last_here] OR here[j] = known[last_known + j - last_here]) THEN
                        by_place[j] := last_known + j - last_here;
                    END IF;
                END LOOP;
                last_here := i;
                last_known := is_at[i];
            END LOOP;
            -- One that does not bear its old name, on one side, and one that is missing, on the other: what is between them and of their
            -- type may have passed its name on.
            doubtful := ARRAY(
                SELECT i FROM generate_subscripts(here, 1) AS i
                WHERE is_at[i] IS NOT NULL AND EXISTS (
                    SELECT FROM generate_subscripts(here, 1) AS j, generate_subscripts(known, 1) AS k
                    WHERE is_at[j] IS NULL AND here_type[j] = here_type[i] AND known_type[k] = here_type[i]
                        AND array_position(by_place, k) IS NULL AND sign(j - i) = sign(is_at[i] - k)));
            EXIT WHEN doubtful = '{}';
        END IF;
        is_at := ARRAY(SELECT CASE WHEN i <> ALL (doubtful) THEN is_at[i] END FROM generate_subscripts(here, 1) AS i ORDER BY i);
    END LOOP;
    RETURN QUERY SELECT here[i], known[by_place[i]] FROM generate_subscripts(here, 1) AS i WHERE by_place[i] IS NOT NULL;
END
$function$;
