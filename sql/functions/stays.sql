-- Tell who stayed in a slot of a table, or in each of its slots, and what happened to them in the true order of changes.
--
-- Ids follow time but for two cases: a trigger that touches a row which its own statement has still to report, and
-- deferrable keys, by which records share a slot until their transactions end. There the rows' addresses tell: within a
-- transaction a change follows the one whose new address is its old one. Where they do not tell either, since an update
-- that changed nothing moved the row and the log knows nothing of it, it is the record that has been there longest.
-- Arguments: subject_type; the slot, see slot_changes(), NULL for all of the table.
-- Result: slot; stay, from 1 in each slot; ordinal, in the order of changes in each slot; the activity, and what it was
-- to the slot; remaining, how many were there then. A TRUNCATE is the death of whoever was there.
CREATE OR REPLACE FUNCTION pgaudit_py.stays(of_type text, of_slot text DEFAULT NULL) RETURNS TABLE (
    slot text, stay integer, ordinal integer, id bigint, created_at timestamptz, transaction_id bigint, birth boolean,
    death boolean, came_from text, went_to text, remaining integer
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- Whatever the planner believes about the log's size: the joins below must not become nested loops.
SET enable_nestloop = off AS $function$
#variable_conflict use_column
DECLARE
    truncations bigint[];
    truncated_at timestamptz[];
    event record;
    latest integer;              -- the stay that began last
    present integer[] := '{}';   -- those that have not ended, oldest first: one as a rule
    addresses tid[];             -- where their rows are
    i integer;
BEGIN
    SELECT array_agg(l.id ORDER BY l.id), array_agg(l.created_at ORDER BY l.id) INTO truncations, truncated_at
    FROM pgaudit_py.activity_log AS l
    WHERE l.subject_type = of_type AND l.operation = 'T' AND l.subject_id IS NULL AND l.previous_subject_id IS NULL;
    FOR event IN
        WITH change AS MATERIALIZED (
            SELECT c.*, coalesce(width_bucket(c.id, (SELECT truncations)), 0) AS era
            FROM pgaudit_py.slot_changes(of_type, of_slot) AS c
        ), placed AS MATERIALIZED (
            SELECT c.*, row_number() OVER (PARTITION BY c.slot COLLATE "C" ORDER BY c.id) AS place,
                   count(*) OVER (PARTITION BY c.slot COLLATE "C", c.epoch, c.transaction_id) > 1 AS together
            FROM change AS c
        ), doubtful AS MATERIALIZED (
            SELECT p.slot, p.place, p.epoch, p.transaction_id, p.era, p.old_tid, p.new_tid,
                   (row_number() OVER ())::integer AS number
            FROM placed AS p WHERE p.together
        ), link AS (
            -- An address comes again in a transaction only after a TRUNCATE of its own: hence the nearest.
            SELECT DISTINCT ON (d.number) d.number, maker.number AS before
            FROM doubtful AS d JOIN doubtful AS maker USING (slot, epoch, transaction_id, era)
            WHERE maker.new_tid = d.old_tid AND maker.number <> d.number
                -- Who snapshots a row leaves it where it is, so nothing can have followed it before.
                AND (maker.old_tid IS DISTINCT FROM maker.new_tid OR maker.place < d.place)
            ORDER BY d.number, maker.place > d.place, abs(maker.place - d.place)
        ), chained AS (
            SELECT d.slot, d.place, min(d.place) OVER (PARTITION BY c.head) AS head_place, c.depth
            FROM pgaudit_py.chains((
                SELECT array_agg(l.before ORDER BY d.number)
                FROM doubtful AS d LEFT JOIN link AS l USING (number))) AS c
            JOIN doubtful AS d USING (number)
        )
        SELECT e.* FROM (
            SELECT p.slot, p.id, p.created_at, p.transaction_id, p.birth, p.death, p.came_from, p.went_to, p.old_tid, p.new_tid,
                   false AS truncated, p.era, coalesce(c.head_place, p.place) AS place, coalesce(c.depth, 0) AS depth
            FROM placed AS p LEFT JOIN chained AS c USING (slot, place)
            UNION ALL
            SELECT DISTINCT c.slot, truncations[c.era + 1], truncated_at[c.era + 1], NULL::bigint, false, true, NULL, NULL, NULL::tid, NULL::tid,
                   true, c.era, NULL::bigint, 0
            FROM change AS c WHERE c.era < cardinality(truncations)
        ) AS e
        ORDER BY e.slot COLLATE "C", e.era, e.place, e.depth, e.id  -- snapshots at one address can be equally deep
    LOOP
        IF event.slot IS DISTINCT FROM slot THEN
            slot := event.slot;
            ordinal := 0;
            latest := 0;
            present := '{}';
            addresses := '{}';
        END IF;
        id := event.id;
        created_at := event.created_at;
        transaction_id := event.transaction_id;
        birth := event.birth;
        death := event.death;
        came_from := event.came_from;
        went_to := event.went_to;
        IF event.truncated THEN
            remaining := 0;
            FOREACH stay IN ARRAY present LOOP
                ordinal := ordinal + 1;
                RETURN NEXT;
            END LOOP;
            present := '{}';
            addresses := '{}';
            CONTINUE;
        END IF;
        i := 1;
        IF birth OR present = '{}' THEN
            latest := latest + 1;
            i := cardinality(present) + 1;
            present[i] := latest;
        ELSIF cardinality(present) > 1 THEN
            i := coalesce((SELECT max(p) FROM unnest(array_positions(addresses, event.old_tid)) AS p), 1);
        END IF;
        addresses[i] := coalesce(event.new_tid, addresses[i]);
        stay := present[i];
        IF death THEN
            present := present[:i - 1] || present[i + 1:];
            addresses := addresses[:i - 1] || addresses[i + 1:];
        END IF;
        ordinal := ordinal + 1;
        remaining := cardinality(present);
        RETURN NEXT;
    END LOOP;
END
$function$;
