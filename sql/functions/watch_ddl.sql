-- Record what a command of anybody's did to audited tables, in its own transaction; the function of the event triggers that
-- `pgaudit-py migrate --event-trigger` makes.
--
-- It never makes the command fail, whatever fails in it is a warning, and it waits for no lock longer than lock_timeout says here.
-- What comes before the block is for all that it leaves alone, and costs next to nothing: most commands alter no table, or a temporary
-- one. CREATE TRIGGER with a function of ours is for nobody but their owner. A new table is of interest as a partition only.
CREATE OR REPLACE FUNCTION pgaudit_py.watch_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $function$
DECLARE
    touched record;
BEGIN
    IF TG_EVENT = 'sql_drop' THEN
        IF NOT EXISTS (
            SELECT FROM pg_event_trigger_dropped_objects() AS d
            WHERE NOT d.is_temporary AND (d.object_type IN ('table', 'table column', 'trigger') OR (d.object_type = 'index' AND TG_TAG = 'DROP INDEX')))
        THEN
            RETURN;
        END IF;
    ELSIF TG_TAG IN ('ALTER INDEX', 'ALTER TABLE', 'ALTER TRIGGER', 'CREATE SCHEMA', 'CREATE TABLE') THEN
        IF NOT EXISTS (
            SELECT FROM pg_event_trigger_ddl_commands() AS d
            LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
            WHERE d.classid = 'pg_trigger'::regclass
                OR (c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND (TG_TAG NOT LIKE 'CREATE %' OR c.relispartition)))
        THEN
            RETURN;
        END IF;
    ELSIF TG_TAG NOT IN ('ALTER DOMAIN', 'ALTER EXTENSION', 'ALTER SCHEMA', 'ALTER TYPE') THEN
        RETURN;
    END IF;
    BEGIN
        IF TG_EVENT = 'sql_drop' THEN
            FOR touched IN SELECT DISTINCT b.tracked_id, b.relation FROM pgaudit_py.bereft_tables(TG_TAG) AS b LOOP
                PERFORM pgaudit_py.watch_table(touched.tracked_id, touched.relation, TG_TAG);
            END LOOP;
        ELSE
            FOR touched IN SELECT DISTINCT a.tracked_id, a.relation FROM pgaudit_py.altered_tables(TG_TAG) AS a LOOP
                PERFORM pgaudit_py.watch_table(touched.tracked_id, touched.relation, TG_TAG);
            END LOOP;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pgaudit-py: what % changed is not recorded: %', TG_TAG, SQLERRM;
    END;
END
$function$;
