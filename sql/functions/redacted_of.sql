-- Name what of a table's columns never goes into the log, as activity_log.omitted has it.
--
-- Arguments: columns as watched_columns() gives them.
-- Result: {"email": {"why": "redacted"}, "settings.token": {"why": "redacted"}}, the second for a path cut out of a jsonb
-- column; NULL where nothing is redacted. A column that is left out of the audit trail is not named.
CREATE OR REPLACE FUNCTION pgaudit_py.redacted_of(columns jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT jsonb_object_agg(redacted.name, '{"why": "redacted"}'::jsonb)
    FROM (
        SELECT c.name FROM jsonb_each(columns) AS c(name, description) WHERE (c.description -> 'redacted')::boolean
        UNION ALL
        SELECT c.name || '.' || array_to_string(ARRAY(SELECT jsonb_array_elements_text(p.path)), '.')
        FROM jsonb_each(columns) AS c(name, description)
        CROSS JOIN LATERAL jsonb_array_elements(c.description -> 'paths') AS p(path)
    ) AS redacted
$function$;
