-- Give the stays in one slot of a table, in which lives() looks for the way of a record from slot to slot.
--
-- Result: each stay under a name, which says where it is in the slot: {"3 of a": {"ids": [17, 20], "times": [...],
-- "slot": "a", "came_from": null, "went_to": "b", "arrival": null, "departure": 25}}; and that name under the move by which
-- the record came, "<17", and under the one by which it went, ">25". A departure is told by the slot that it led to.
CREATE OR REPLACE FUNCTION pgaudit_py.slot_stays(of_type text, of_slot text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH stay AS (
        SELECT s.stay || ' of ' || of_slot AS name,
               array_agg(s.id ORDER BY s.ordinal) FILTER (WHERE s.went_to IS NULL) AS ids,
               array_agg(s.created_at ORDER BY s.ordinal) FILTER (WHERE s.went_to IS NULL) AS times,
               max(s.came_from) AS came_from, max(s.id) FILTER (WHERE s.came_from IS NOT NULL) AS arrival,
               max(s.went_to) AS went_to, max(s.id) FILTER (WHERE s.went_to IS NOT NULL) AS departure,
               s.stay
        FROM pgaudit_py.stays(of_type, of_slot) AS s GROUP BY s.stay
    )
    SELECT coalesce(jsonb_object_agg(name, jsonb_build_object(
               'name', name, 'number', stay, 'slot', of_slot, 'ids', coalesce(ids, '{}'), 'times', coalesce(times, '{}'),
               'came_from', came_from, 'arrival', arrival, 'went_to', went_to, 'departure', departure)), '{}')
        || coalesce(jsonb_object_agg('<' || arrival, name) FILTER (WHERE arrival IS NOT NULL), '{}')
        || coalesce(jsonb_object_agg('>' || departure, name) FILTER (WHERE departure IS NOT NULL), '{}')
    FROM stay
$function$;
