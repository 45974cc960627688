-- Compare two versions: SELECT pgaudit_py.diff(101, 123).
--
-- Result: {"title": {"old": ..., "new": ...}} as activity_log.changes has it, by the names of the later version: a column
-- that was renamed in between is the same column. NULL where nothing differs.
-- Errors: PGA05 where an id is no version.
CREATE OR REPLACE FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.diff_states(
        (SELECT coalesce(jsonb_object_agg(coalesce(now_called.name, s.name), s.value), '{}')
         FROM jsonb_each(earlier.state) AS s(name, value)
         LEFT JOIN LATERAL (
             SELECT c.name FROM jsonb_each(later.columns) AS c(name, description)
             WHERE c.description -> 'attnum' = earlier.columns -> s.name -> 'attnum'
         ) AS now_called ON true),
        later.state)
    FROM pgaudit_py.version_at(from_version) AS earlier, pgaudit_py.version_at(to_version) AS later
$function$;
