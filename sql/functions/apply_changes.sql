-- Lay the new side of changes over a state. A side that is absent, a jsonb column that became SQL NULL, takes its field away.
CREATE OR REPLACE FUNCTION pgaudit_py.apply_changes(state jsonb, changes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $function$
    SELECT (state - array_agg(c.name))
        || coalesce(jsonb_object_agg(c.name, c.change -> 'new') FILTER (WHERE c.change ? 'new'), '{}')
    FROM jsonb_each(changes) AS c(name, change)
    HAVING count(*) > 0
    UNION ALL
    SELECT state WHERE changes IS NULL OR changes = '{}'
$function$;
