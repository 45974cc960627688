-- Say what differs between two states of a row of which parts may be missing, as activity_log has it.
--
-- Arguments: columns as table_columns() gives them; the states, and what was omitted of each, as row_state() gives them.
-- Result: changes, with every column that changed, but only the sides that are kept; omitted: what is missing of the new state, and
-- under old, what is missing of the other one and changed; NULL where nothing is. What cannot be read counts as changed, and is in
-- omitted alone. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.diff_incomplete(
    columns jsonb, old_state jsonb, old_omitted jsonb, new_state jsonb, new_omitted jsonb, OUT changes jsonb, OUT omitted jsonb
) LANGUAGE plpgsql STABLE AS $function$
DECLARE
    same text[];
BEGIN
    BEGIN
        changes := coalesce(pgaudit_py.diff_states(old_state, new_state), '{}');
    EXCEPTION WHEN OTHERS THEN  -- both sides together are too large for one value: neither is kept
        changes := '{}';
        same := ARRAY(SELECT o.key FROM jsonb_each(old_state) AS o JOIN jsonb_each(new_state) AS n USING (key)
                      WHERE o.value::text = n.value::text);
        old_omitted := coalesce(old_omitted, '{}')
            || coalesce((SELECT w.omitted FROM pgaudit_py.within_limit(columns, old_state - same, -1) AS w), '{}');
        new_omitted := coalesce(new_omitted, '{}')
            || coalesce((SELECT w.omitted FROM pgaudit_py.within_limit(columns, new_state - same, -1) AS w), '{}');
    END;
    IF old_omitted IS NULL AND new_omitted IS NULL THEN
        RETURN;
    END IF;
    SELECT (changes - coalesce(array_agg(s.name) FILTER (WHERE s.unread IS NOT NULL), '{}'))
               || coalesce(jsonb_object_agg(s.name, coalesce(changes -> s.name, '{}'))
                           FILTER (WHERE s.unread IS NULL AND s.before IS DISTINCT FROM s.after), '{}'),
           jsonb_object_agg(s.name, CASE
               WHEN s.unread IS NOT NULL THEN s.unread
               WHEN s.before IS NULL OR s.before = s.after THEN s.after
               ELSE coalesce(s.after, '{"why": "size"}') || jsonb_build_object('old', s.before - 'why') END)
    INTO changes, omitted
    FROM (
        SELECT name, o.entry AS before, n.entry AS after,
               CASE WHEN n.entry ->> 'why' = 'error' THEN n.entry WHEN o.entry ->> 'why' = 'error' THEN o.entry END AS unread
        FROM jsonb_each(old_omitted) AS o(name, entry) FULL JOIN jsonb_each(new_omitted) AS n(name, entry) USING (name)
    ) AS s;
END
$function$;
