-- Find the audited tables among some relations; not those that this transaction is installing.
--
-- Arguments: oids of relations that are there. Result: the tracked table's id; its table.
CREATE OR REPLACE FUNCTION pgaudit_py.tracked_among(relations oid[]) RETURNS TABLE (tracked_id integer, relation oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT k.id, r.oid
    FROM unnest(relations) AS r(oid)
    JOIN LATERAL (
        SELECT s.tracked_table_id FROM pgaudit_py.table_shape AS s WHERE s.relation = r.oid
        UNION
        SELECT substring(p.proname FROM '^capture_([0-9]{1,9})(_truncate)?$')::integer
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
        WHERE t.tgrelid = r.oid) AS m(id) ON true
    JOIN pgaudit_py.tracked_table AS k ON k.id = m.id AND k.removed_at IS NULL
        AND (k.installing = pg_current_xact_id_if_assigned()::text::bigint) IS NOT TRUE
    WHERE pgaudit_py.own_table(k.id) = r.oid
$function$;
