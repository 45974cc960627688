-- List what happened under one key of a table, in the order in which it happened.
--
-- A key is a slot that one record at a time lives in: a record is born into it (created, or moved in from another key)
-- and leaves it (deleted, truncated, or moved on). Ids follow time but for two cases: a trigger that touches a row
-- which its own statement has still to report, and deferrable keys. There the rows' addresses tell: within a
-- transaction a change follows the one whose new address is its old one; and nobody is born into a slot that is taken.
-- Result: ordinal from 1; id of the activity; birth and death as seen from this slot.
CREATE OR REPLACE FUNCTION pgaudit_py.slot_events(
    subject_type text, subject_id text, OUT ordinal integer, OUT id bigint, OUT birth boolean, OUT death boolean
) RETURNS SETOF record LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    ids bigint[];
    transactions bigint[];
    old_tids tid[];
    new_tids tid[];
    births boolean[];
    deaths boolean[];
    done boolean[];
    next integer := 1;
    pick integer;
    before integer;
    taken boolean;    -- NULL: not known, the log begins here
    address tid;      -- of the row that lives here
BEGIN
    SELECT array_agg(a.id ORDER BY a.id), array_agg(a.transaction_id ORDER BY a.id),
           array_agg(a.old_tid ORDER BY a.id), array_agg(a.new_tid ORDER BY a.id),
           array_agg(a.born ORDER BY a.id), array_agg(a.dies ORDER BY a.id), array_agg(false)
    INTO ids, transactions, old_tids, new_tids, births, deaths, done
    FROM (
        SELECT l.id, l.transaction_id, l.old_tid, l.new_tid,
               l.operation = 'I' OR l.previous_subject_id IS NOT NULL AS born, l.operation = 'D' AS dies
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = slot_events.subject_type AND l.subject_id = slot_events.subject_id
            AND l.operation IS NOT NULL
        UNION ALL
        SELECT l.id, l.transaction_id, l.old_tid, l.new_tid, false, true
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = slot_events.subject_type AND l.previous_subject_id = slot_events.subject_id
        UNION ALL
        SELECT l.id, l.transaction_id, l.old_tid, l.new_tid, false, true
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = slot_events.subject_type AND l.subject_id IS NULL AND l.operation = 'T'
    ) AS a;
    FOR i IN 1 .. coalesce(cardinality(ids), 0) LOOP
        WHILE done[next] LOOP
            next := next + 1;
        END LOOP;
        pick := next;
        IF births[next] AND taken IS NOT FALSE THEN
            -- Somebody lives here: whoever it is has to leave first.
            FOR j IN next + 1 .. cardinality(ids) LOOP
                IF NOT done[j] AND NOT births[j]
                        AND (taken OR (deaths[j] AND transactions[j] = transactions[next])) THEN
                    pick := j;
                    EXIT;
                END IF;
                EXIT WHEN taken IS NULL AND transactions[j] <> transactions[next];
            END LOOP;
        END IF;
        -- What made the row that this one changed comes before it.
        WHILE old_tids[pick] <> address IS NOT FALSE LOOP
            before := NULL;
            FOR j IN next .. cardinality(ids) LOOP
                EXIT WHEN old_tids[pick] IS NULL OR (j > pick AND transactions[j] <> transactions[pick]);
                IF j <> pick AND NOT done[j] AND transactions[j] = transactions[pick]
                        AND new_tids[j] = old_tids[pick] AND NOT deaths[j] THEN
                    before := j;
                    EXIT;
                END IF;
            END LOOP;
            EXIT WHEN before IS NULL;
            pick := before;
        END LOOP;
        done[pick] := true;
        taken := NOT deaths[pick];
        address := CASE WHEN taken THEN new_tids[pick] END;
        ordinal := i;
        id := ids[pick];
        birth := births[pick];
        death := deaths[pick];
        RETURN NEXT;
    END LOOP;
END
$function$;
