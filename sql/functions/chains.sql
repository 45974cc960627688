-- Follow links from one to the next: where each chain begins, and how far along it each member is.
--
-- Arguments: for each member, by its number from 1, the number of the one before it, NULL for none.
-- Result: number; head, that of the chain's first member; depth, 0 for the head. A circle, which no honest log has,
-- begins somewhere.
CREATE OR REPLACE FUNCTION pgaudit_py.chains(
    before integer[], OUT number integer, OUT head integer, OUT depth integer
) RETURNS SETOF record LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    heads integer[] := before;   -- of the length that is needed
    depths integer[] := before;
    known boolean[] := array_fill(false, ARRAY[coalesce(cardinality(before), 0)]);
    path integer[];
    member integer;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(before), 0) LOOP
        path := '{}';
        member := i;
        WHILE NOT known[member] LOOP
            known[member] := true;
            heads[member] := member;
            depths[member] := 0;
            path := member || path;
            member := before[member];
        END LOOP;
        FOREACH member IN ARRAY path LOOP
            IF before[member] IS NOT NULL THEN
                heads[member] := heads[before[member]];
                depths[member] := depths[before[member]] + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT h.position::integer, h.head, h.depth
    FROM unnest(heads, depths) WITH ORDINALITY AS h(head, depth, position);
END
$function$;
