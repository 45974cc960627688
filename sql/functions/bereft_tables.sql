-- Find the audited tables that the command which fired the event trigger dropped, or dropped something of; called at sql_drop only.
--
-- Arguments: the command's tag. Result: see tracked_among(); relation is NULL where the table itself is gone.
CREATE OR REPLACE FUNCTION pgaudit_py.bereft_tables(tag text) RETURNS TABLE (tracked_id integer, relation oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    gone oid[];
    left_over oid[];
BEGIN
    SELECT coalesce(array_agg(d.objid) FILTER (WHERE c.oid IS NULL AND d.object_type = 'table'), '{}'),
           coalesce(array_agg(DISTINCT coalesce(pg_partition_root(c.oid)::oid, c.oid)) FILTER (WHERE c.oid IS NOT NULL), '{}')
    INTO gone, left_over
    FROM pg_event_trigger_dropped_objects() AS d
    -- A trigger that is gone names its table. Not by to_regclass(), which refuses where one may not use the schema.
    CROSS JOIN LATERAL (
        SELECT CASE d.object_type
            WHEN 'trigger' THEN (
                SELECT t.oid FROM pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace
                WHERE n.nspname = d.address_names[1] AND t.relname = d.address_names[2])
            ELSE (SELECT t.oid FROM pg_class AS t WHERE t.oid = d.objid) END) AS c(oid)
    WHERE d.object_type IN ('table', 'table column', 'trigger') AND NOT d.is_temporary;
    IF gone <> '{}' THEN
        RETURN QUERY SELECT k.id, pgaudit_py.own_table(k.id)
        FROM pgaudit_py.tracked_table AS k
        WHERE k.removed_at IS NULL AND (
            k.partitions ?| gone::text[]
            OR (SELECT s.relation FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) = ANY (gone));
    END IF;
    IF tag = 'DROP INDEX' THEN  -- it may have been what made a key of columns; which table's, nobody says any more
        left_over := left_over || ARRAY(
            SELECT c.oid
            FROM pgaudit_py.tracked_table AS k JOIN pg_class AS c ON c.oid = pgaudit_py.own_table(k.id)
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname IN (
                SELECT d.schema_name FROM pg_event_trigger_dropped_objects() AS d WHERE d.object_type = 'index'));
    END IF;
    IF left_over <> '{}' THEN
        RETURN QUERY SELECT * FROM pgaudit_py.tracked_among(left_over);
    END IF;
END
$function$;
