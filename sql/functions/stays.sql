-- Tell who stayed in a slot of a table, or in each of its slots, and what happened to them in the true order of changes.
--
-- Ids follow time but for two cases: a trigger that touches a row which its own statement has still to report, and
-- deferrable keys, by which records share a slot until their transactions end. There the rows' addresses tell: within a
-- transaction a change follows the one whose new address is its old one. Where they do not tell either, since an update
-- that changed nothing moved the row and the log knows nothing of it, it is the record that has been there longest.
-- A row that an update moves to another partition is reported as deleted there and created here: under one key that is no
-- death and no birth, and one follows the other.
-- Arguments: subject_type; the slot, see slot_changes(), NULL for all of the table.
-- Result: slot; stay, from 1 in each slot; ordinal, in the order of changes in each slot; the activity, and what it was
-- to the slot; remaining, how many were there then. A TRUNCATE is the death of whoever was there, in its partition, and so is
-- the departure of a partition; a TRUNCATE is also that of whoever was in one of that name, which may be from before a dump.
CREATE OR REPLACE FUNCTION pgaudit_py.stays(of_type text, of_slot text DEFAULT NULL) RETURNS TABLE (
    slot text, stay integer, ordinal integer, id bigint, created_at timestamptz, transaction_id bigint, birth boolean,
    death boolean, came_from text, went_to text, remaining integer
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- Whatever the planner believes about the log's size: the joins below must not become nested loops.
SET enable_nestloop = off AS $function$
#variable_conflict use_column
DECLARE
    event record;
    latest integer;              -- the stay that began last
    present integer[] := '{}';   -- those that have not ended, oldest first: one as a rule
    addresses tid[];             -- where their rows are
    leaves text[];               -- in which partitions, '' where there are none
    partitions text[];           -- what those were called
    leaving integer;             -- the one that is on its way to another partition
    staying boolean[];
    i integer;
BEGIN
    FOR event IN
        WITH truncation AS MATERIALIZED (
            SELECT l.id, l.created_at, coalesce(l.metadata ->> '_leaf', '') AS leaf,
                   CASE WHEN NOT l.metadata ? '_departed' THEN l.metadata ->> '_partition' END AS partition
            FROM pgaudit_py.activity_log AS l
            WHERE l.subject_type = of_type AND l.operation = 'T' AND l.subject_id IS NULL AND l.previous_subject_id IS NULL
        ), by_leaf AS MATERIALIZED (
            SELECT t.leaf, array_agg(t.id ORDER BY t.id) AS ids FROM truncation AS t GROUP BY t.leaf
        ), by_name AS MATERIALIZED (
            SELECT t.partition, array_agg(t.id ORDER BY t.id) AS ids FROM truncation AS t WHERE t.partition IS NOT NULL GROUP BY t.partition
        ), change AS MATERIALIZED (
            SELECT c.*, coalesce(width_bucket(c.id, b.ids), 0) AS era, b.ids[coalesce(width_bucket(c.id, b.ids), 0) + 1] AS ends,
                   n.ids[width_bucket(c.id, n.ids) + 1] AS ends_by_name
            FROM pgaudit_py.slot_changes(of_type, of_slot) AS c
            LEFT JOIN by_leaf AS b USING (leaf)
            LEFT JOIN by_name AS n USING (partition)
        ), placed AS MATERIALIZED (
            SELECT e.*, row_number() OVER (PARTITION BY e.slot COLLATE "C" ORDER BY e.id) AS place,
                   count(*) OVER (PARTITION BY e.slot COLLATE "C", e.epoch, e.transaction_id) > 1 AS together
            FROM (
                SELECT c.slot, c.id, c.created_at, c.epoch, c.transaction_id, c.birth, c.death, c.came_from, c.went_to,
                       c.old_tid, c.new_tid, c.operation, c.leaf, c.partition, c.era, c.shape
                FROM change AS c
                UNION ALL
                SELECT g.slot, t.id, t.created_at, NULL, NULL, false, true, NULL, NULL, NULL, NULL, 'T', t.leaf, t.partition, NULL, NULL
                FROM (SELECT c.slot, c.ends AS id FROM change AS c WHERE c.ends IS NOT NULL
                      UNION SELECT c.slot, c.ends_by_name FROM change AS c WHERE c.ends_by_name IS NOT NULL) AS g
                JOIN truncation AS t USING (id)
            ) AS e
        ), doubtful AS MATERIALIZED (
            SELECT p.slot, p.place, p.epoch, p.transaction_id, p.leaf, p.era, p.shape, p.old_tid, p.new_tid, p.operation,
                   (row_number() OVER ())::integer AS number
            FROM placed AS p WHERE p.together AND p.operation <> 'T'
        ), link AS (
            -- An address comes again in a transaction only after a TRUNCATE of its own, hence the nearest; or after an ALTER TABLE
            -- that rewrites the table, and changes its shape.
            SELECT DISTINCT ON (d.number) d.number, maker.number AS before
            FROM doubtful AS d JOIN doubtful AS maker USING (slot, epoch, transaction_id, leaf, era, shape)
            WHERE maker.new_tid = d.old_tid AND maker.number <> d.number
                -- Who snapshots a row leaves it where it is, so nothing can have followed it before.
                AND (maker.old_tid IS DISTINCT FROM maker.new_tid OR maker.place < d.place)
            ORDER BY d.number, maker.place > d.place, abs(maker.place - d.place)
        ), move AS (
            -- Who came to a partition is who left another one last.
            SELECT DISTINCT ON (n.before) n.number, n.before
            FROM (
                SELECT DISTINCT ON (c.number) c.number, c.place, d.number AS before, d.leaf <> c.leaf AS elsewhere
                FROM doubtful AS c JOIN doubtful AS d USING (slot, epoch, transaction_id)
                WHERE c.operation = 'I' AND d.operation = 'D' AND d.place < c.place
                ORDER BY c.number, d.place DESC
            ) AS n
            WHERE n.elsewhere ORDER BY n.before, n.place
        ), chained AS (
            SELECT d.slot, d.place, min(d.place) OVER (PARTITION BY c.head) AS head_place, c.depth,
                   d.number IN (SELECT m.before FROM move AS m) AS leaves, d.number IN (SELECT m.number FROM move AS m) AS enters
            FROM pgaudit_py.chains((
                SELECT array_agg(coalesce(l.before, m.before) ORDER BY d.number)
                FROM doubtful AS d LEFT JOIN link AS l USING (number) LEFT JOIN move AS m USING (number))) AS c
            JOIN doubtful AS d USING (number)
        )
        SELECT p.slot, p.id, p.created_at, p.transaction_id, p.birth AND c.enters IS NOT TRUE AS birth,
               p.death AND c.leaves IS NOT TRUE AS death, p.came_from, p.went_to, p.old_tid, p.new_tid, p.leaf, p.partition,
               coalesce(c.leaves, false) AS leaves, coalesce(c.enters, false) AS enters, p.operation = 'T' AS truncated
        FROM placed AS p LEFT JOIN chained AS c USING (slot, place)
        -- Snapshots at one address can be equally deep.
        ORDER BY p.slot COLLATE "C", coalesce(c.head_place, p.place), coalesce(c.depth, 0), p.id
    LOOP
        IF event.slot IS DISTINCT FROM slot THEN
            slot := event.slot;
            ordinal := 0;
            latest := 0;
            present := '{}';
            addresses := '{}';
            leaves := '{}';
            partitions := '{}';
            leaving := NULL;
        END IF;
        id := event.id;
        created_at := event.created_at;
        transaction_id := event.transaction_id;
        birth := event.birth;
        death := event.death;
        came_from := event.came_from;
        went_to := event.went_to;
        IF event.truncated THEN
            staying := ARRAY(
                SELECT coalesce(l.leaf, '') <> event.leaf AND (l.partition = event.partition) IS NOT TRUE
                FROM unnest(present, leaves, partitions) WITH ORDINALITY AS l(stay, leaf, partition, place) ORDER BY l.place);
            remaining := cardinality(array_remove(staying, false));
            FOR i IN 1 .. cardinality(present) LOOP
                IF NOT staying[i] THEN
                    stay := present[i];
                    ordinal := ordinal + 1;
                    RETURN NEXT;
                END IF;
            END LOOP;
            SELECT coalesce(array_agg(s.stay ORDER BY s.place), '{}'), coalesce(array_agg(s.address ORDER BY s.place), '{}'),
                   array_agg(s.leaf ORDER BY s.place), array_agg(s.partition ORDER BY s.place)
            INTO present, addresses, leaves, partitions
            FROM unnest(present, addresses, leaves, partitions, staying) WITH ORDINALITY AS s(stay, address, leaf, partition, stays, place)
            WHERE s.stays;
            CONTINUE;
        END IF;
        i := 1;
        IF birth OR present = '{}' THEN
            latest := latest + 1;
            i := cardinality(present) + 1;
            present[i] := latest;
        ELSIF event.enters AND leaving IS NOT NULL THEN
            i := leaving;
        ELSIF cardinality(present) > 1 THEN
            i := coalesce((
                SELECT max(a.place) FROM unnest(addresses, leaves) WITH ORDINALITY AS a(address, leaf, place)
                WHERE a.address = event.old_tid AND coalesce(a.leaf, '') = event.leaf), 1);
        END IF;
        addresses[i] := coalesce(event.new_tid, addresses[i]);
        IF event.leaf <> '' THEN
            leaves[i] := event.leaf;
            partitions[i] := event.partition;
            leaving := CASE WHEN event.leaves THEN i END;
        END IF;
        stay := present[i];
        IF death THEN
            present := present[:i - 1] || present[i + 1:];
            addresses := addresses[:i - 1] || addresses[i + 1:];
            IF event.leaf <> '' THEN
                leaves := leaves[:i - 1] || leaves[i + 1:];
                partitions := partitions[:i - 1] || partitions[i + 1:];
            END IF;
        END IF;
        ordinal := ordinal + 1;
        remaining := cardinality(present);
        RETURN NEXT;
    END LOOP;
END
$function$;
