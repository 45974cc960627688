-- List what happened under one key of a table, or under all of its keys: what stays() is made of.
--
-- A key is a slot that one record at a time stays in. A record is born into it (created, or moved in from another key)
-- and leaves it (deleted, or moved on); a change of the key is an event of both slots.
-- Arguments: subject_type; the slot, NULL for all of the table.
-- Result: slot; the activity; birth and death as seen from this slot; came_from and went_to, the other slot of a change
-- of the key; the row's addresses before and after, NULL where it was not in this slot, and equal for a snapshot; leaf, the
-- partition that they are in, by its oid, '' for a table that has none; partition, its name then;
-- shape, a text that stays the same as long as the table's columns do.
CREATE OR REPLACE FUNCTION pgaudit_py.slot_changes(of_type text, of_slot text) RETURNS TABLE (
    slot text, id bigint, created_at timestamptz, epoch smallint, transaction_id bigint, birth boolean, death boolean,
    came_from text, went_to text, old_tid tid, new_tid tid, operation "char", leaf text, partition text,
    shape text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
BEGIN
    -- A query for each case, so that a plan which was kept fits its case.
    IF of_slot IS NULL THEN
        RETURN QUERY
        SELECT l.subject_id, l.id, l.created_at, l.epoch, l.transaction_id, l.operation = 'I' OR l.previous_subject_id IS NOT NULL,
               l.operation = 'D', l.previous_subject_id, NULL::text,
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id IS NOT NULL AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT l.subject_id, l.id, l.created_at, l.epoch, l.transaction_id, l.operation = 'I' OR l.previous_subject_id IS NOT NULL,
               l.operation = 'D', l.previous_subject_id, NULL::text,
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id = of_slot AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id = of_slot;
    END IF;
END
$function$;
