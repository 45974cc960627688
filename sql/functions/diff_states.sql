-- Say what differs between two states of a row, as activity_log.changes has it.
--
-- Two values differ where their text does: 1.0 and 1.00 are equal as JSON numbers, but not as what was stored.
-- Result: {"title": {"old": ..., "new": ...}}, a side absent where its state lacks the field; NULL where nothing differs.
CREATE OR REPLACE FUNCTION pgaudit_py.diff_states(old_state jsonb, new_state jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $function$
    SELECT jsonb_object_agg(
        name,
        CASE WHEN o.value IS NULL THEN '{}' ELSE jsonb_build_object('old', o.value) END
        || CASE WHEN n.value IS NULL THEN '{}' ELSE jsonb_build_object('new', n.value) END)
    FROM jsonb_each(old_state) AS o(name, value) FULL JOIN jsonb_each(new_state) AS n(name, value) USING (name)
    WHERE o.value::text IS DISTINCT FROM n.value::text
$function$;
