-- Follow the records that were in a slot of a table through all keys that they had, from birth to death.
--
-- Arguments: subject_type; the slot; an activity in it, for the one record that it was about, NULL for all.
-- Result: life, a number for each record, in the order in which they came to the slot; ordinal, in the true order of
-- changes; the activity; here, whether the slot is the one that the record is in or was in last. A record older than its
-- audit trail begins with the first activity that the log has.
CREATE OR REPLACE FUNCTION pgaudit_py.lives(of_type text, of_slot text, of_activity bigint DEFAULT NULL) RETURNS TABLE (
    life integer, ordinal integer, id bigint, created_at timestamptz, here boolean
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    known jsonb := pgaudit_py.slot_stays(of_type, of_slot);   -- in the slots that were read: each is read once
    slots text[] := ARRAY[of_slot];
    told jsonb := '{}';         -- stays in this slot that an earlier life came back to
    path text[] := '{}';        -- the stays of all lives, one life after the other
    path_life integer[] := '{}';
    last_slots text[] := '{}';  -- of each life
    lives integer := 0;
    first jsonb;
    stay jsonb;
    other jsonb;
BEGIN
    FOR first IN
        SELECT s.value FROM jsonb_each(known) AS s
        WHERE jsonb_typeof(s.value) = 'object' AND (of_activity IS NULL OR s.value -> 'ids' @> to_jsonb(of_activity))
        ORDER BY (s.value -> 'number')::integer
    LOOP
        CONTINUE WHEN told ? (first ->> 'name');
        stay := first;
        -- Back to where the record was born; a circle, which no honest log has, is left where it was entered.
        WHILE stay ->> 'came_from' IS NOT NULL LOOP
            IF stay ->> 'came_from' <> ALL (slots) THEN
                slots := slots || (stay ->> 'came_from');
                known := known || pgaudit_py.slot_stays(of_type, stay ->> 'came_from');
            END IF;
            other := known -> (known ->> ('>' || (stay ->> 'arrival')));
            EXIT WHEN other IS NULL OR other = first;
            stay := other;
        END LOOP;
        -- And on to where it is now.
        first := stay;
        lives := lives + 1;
        LOOP
            path := path || (stay ->> 'name');
            path_life := path_life || lives;
            last_slots[lives] := stay ->> 'slot';
            EXIT WHEN stay ->> 'went_to' IS NULL AND stay ->> 'came_from' IS NULL;
            IF stay ->> 'slot' = of_slot THEN
                told := told || jsonb_build_object(stay ->> 'name', true);
            END IF;
            EXIT WHEN stay ->> 'went_to' IS NULL;
            IF stay ->> 'went_to' <> ALL (slots) THEN
                slots := slots || (stay ->> 'went_to');
                known := known || pgaudit_py.slot_stays(of_type, stay ->> 'went_to');
            END IF;
            other := known -> (known ->> ('<' || (stay ->> 'departure')));
            EXIT WHEN other IS NULL OR other = first;
            stay := other;
        END LOOP;
    END LOOP;
    RETURN QUERY
    SELECT p.life, (row_number() OVER (PARTITION BY p.life ORDER BY p.part, e.position))::integer,
           e.id::bigint, e.created_at::timestamptz, last_slots[p.life] = of_slot
    FROM unnest(path, path_life) WITH ORDINALITY AS p(name, life, part)
    CROSS JOIN LATERAL ROWS FROM (
        jsonb_array_elements_text(known -> p.name -> 'ids'), jsonb_array_elements_text(known -> p.name -> 'times')
    ) WITH ORDINALITY AS e(id, created_at, position);
END
$function$;
