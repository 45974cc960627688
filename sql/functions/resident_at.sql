-- Tell which record was in a slot of a table at a time; see slot_changes().
--
-- Result: known, whether the log has anything about the slot; id of the record's last activity there that had happened,
-- or, happened being false, of its first one, before which the record was there already. NULL where there was none.
CREATE OR REPLACE FUNCTION pgaudit_py.resident_at(
    of_type text, of_slot text, at timestamptz, OUT known boolean, OUT id bigint, OUT happened boolean
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    event record;
    torn bigint;             -- a transaction that had begun to write and went on
    gone integer[] := '{}';  -- stays that had ended
BEGIN
    known := false;
    FOR event IN SELECT * FROM pgaudit_py.stays(of_type, of_slot) AS s ORDER BY s.ordinal DESC LOOP
        known := true;
        happened := event.created_at <= at AND (event.transaction_id = torn) IS NOT TRUE
            AND pgaudit_py.happened_by(event.id, event.created_at, at);
        IF happened AND event.remaining = 0 THEN
            RETURN;
        ELSIF happened AND event.death THEN
            gone := gone || event.stay;
        ELSIF happened AND event.stay <> ALL (gone) THEN
            id := event.id;
            RETURN;
        ELSIF event.created_at <= at THEN
            torn := event.transaction_id;
        END IF;
    END LOOP;
    -- Nobody is known to have come by then: unless the first that is known of somebody is something else than a birth.
    IF NOT event.birth AND event.stay <> ALL (gone) THEN
        id := event.id;
    END IF;
END
$function$;
