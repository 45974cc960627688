-- Find the audited tables among some relations; not those that this transaction is installing.
--
-- In PL/pgSQL, which keeps the plan: it is asked after every ALTER TABLE, and mostly finds none.
-- Arguments: oids of relations that are there. Result: the tracked table's id; its table.
CREATE OR REPLACE FUNCTION pgaudit_py.tracked_among(relations oid[]) RETURNS TABLE (tracked_id integer, relation oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RETURN QUERY
    WITH candidate AS MATERIALIZED (  -- first: to ask own_table() of every tracked table would take long
        SELECT s.tracked_table_id AS id, s.relation AS oid FROM pgaudit_py.table_shape AS s WHERE s.relation = ANY (relations)
        UNION
        SELECT substring(p.proname FROM '^capture_([0-9]{1,9})(_truncate)?$')::integer, t.tgrelid
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
        WHERE t.tgrelid = ANY (relations)
    )
    SELECT k.id, c.oid
    FROM candidate AS c
    JOIN pgaudit_py.tracked_table AS k ON k.id = c.id AND k.removed_at IS NULL
        AND (k.installing = pg_current_xact_id_if_assigned()::text::bigint) IS NOT TRUE
    WHERE pgaudit_py.own_table(c.id) = c.oid;
END
$function$;
