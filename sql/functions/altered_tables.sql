-- Find the audited tables that the command which fired the event trigger may have altered; called at ddl_command_end only.
--
-- Arguments: the command's tag. Result: see tracked_among(). An alteration goes down to the tables that inherit; a partition is
-- its root's. Types, schemas and extensions are altered under names of their own: any table with such a type, or in such a schema.
CREATE OR REPLACE FUNCTION pgaudit_py.altered_tables(tag text) RETURNS TABLE (tracked_id integer, relation oid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    touched oid[];
BEGIN
    IF tag IN ('ALTER DOMAIN', 'ALTER EXTENSION', 'ALTER SCHEMA', 'ALTER TYPE') THEN
        touched := ARRAY(
            SELECT c.oid
            FROM pgaudit_py.tracked_table AS k JOIN pg_class AS c ON c.oid = pgaudit_py.own_table(k.id)
            WHERE c.reloftype <> 0
                OR c.relnamespace IN (SELECT d.objid FROM pg_event_trigger_ddl_commands() AS d WHERE d.classid = 'pg_namespace'::regclass)
                OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.atttypid >= 16384)  -- none of the system's
                OR tag = 'ALTER EXTENSION');
    ELSE
        touched := ARRAY(
            SELECT coalesce(t.tgrelid, d.objid)
            FROM pg_event_trigger_ddl_commands() AS d
            LEFT JOIN pg_trigger AS t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
            WHERE d.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass));
        touched := ARRAY(
            WITH RECURSIVE heir(oid) AS (
                SELECT unnest(touched)
                UNION
                SELECT i.inhrelid FROM heir AS h JOIN pg_inherits AS i ON i.inhparent = h.oid
                JOIN pg_class AS c ON c.oid = i.inhrelid AND NOT c.relispartition
            )
            SELECT h.oid FROM heir AS h UNION SELECT pg_partition_root(h.oid)::oid FROM heir AS h);
    END IF;
    RETURN QUERY SELECT * FROM pgaudit_py.tracked_among(touched);
END
$function$;
