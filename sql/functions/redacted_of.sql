-- Name what is redacted of a table's rows, as activity_log.omitted has it.
--
-- Arguments: columns as watched_columns() gives them.
-- Result: {"email": {"why": "redacted"}, "settings.token": {"why": "redacted"}}; NULL where nothing is.
CREATE OR REPLACE FUNCTION pgaudit_py.redacted_of(columns jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT jsonb_object_agg(part.name, '{"why": "redacted"}'::jsonb)
    FROM jsonb_each(columns) AS c(name, description)
    CROSS JOIN LATERAL (
        SELECT c.name WHERE c.description ? 'redacted'
        UNION ALL
        SELECT concat_ws('.', c.name, (SELECT string_agg(e.step, '.' ORDER BY e.position)
                                       FROM jsonb_array_elements_text(p.path) WITH ORDINALITY AS e(step, position)))
        FROM jsonb_array_elements(c.description -> 'paths') AS p(path)
    ) AS part(name)
$function$;
