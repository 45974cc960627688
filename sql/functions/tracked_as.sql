-- Find a tracked table by what its records are called, or else by the table.
--
-- Result: see find_tracked(), which finds the table for it.
CREATE OR REPLACE FUNCTION pgaudit_py.tracked_as(
    name text, relation oid, OUT id integer, OUT subject_type text, OUT live bigint
) RETURNS SETOF record LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT k.id, k.subject_type, pgaudit_py.live_table(k.subject_type)::bigint
    FROM pgaudit_py.tracked_table AS k
    WHERE k.removed_at IS NULL
        AND (k.subject_type = tracked_as.name OR pgaudit_py.live_table(k.subject_type) = tracked_as.relation)
    ORDER BY k.subject_type = tracked_as.name DESC
    LIMIT 1
$function$;
