-- Compare two versions: SELECT pgaudit_py.diff(101, 123).
--
-- Result: {"title": {"old": ..., "new": ...}} as activity_log.changes has it, by the names of the later version: a column
-- that was renamed in between is the same column. What the log does not tell of both is left out. NULL where nothing differs.
-- Errors: PGA05 where an id is no version.
CREATE OR REPLACE FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT pgaudit_py.diff_states(
        (SELECT coalesce(jsonb_object_agg(coalesce(c.now, s.name), s.value), '{}')
         FROM jsonb_each(earlier.state) AS s(name, value) LEFT JOIN jsonb_each_text(called.now) AS c(name, now) USING (name)
         WHERE NOT coalesce(later.unknown ? c.now, false)),
        later.state - ARRAY(SELECT called.now ->> u.name FROM jsonb_object_keys(earlier.unknown) AS u(name)
                            WHERE called.now ? u.name))
    FROM pgaudit_py.version_at(from_version) AS earlier, pgaudit_py.version_at(to_version) AS later
    -- How the later version calls the columns of the earlier one.
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(e.name, l.name), '{}') AS now
        FROM jsonb_each(earlier.columns) AS e(name, description)
        JOIN jsonb_each(later.columns) AS l(name, description) ON l.description -> 'attnum' = e.description -> 'attnum'
    ) AS called
$function$;
