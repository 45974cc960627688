-- Record what a command of anybody's did to audited tables, in its own transaction; the function of the event triggers that
-- `pgaudit-py migrate --event-trigger` makes.
--
-- It never makes the command fail, whatever fails in it is a warning, and it waits for no lock longer than lock_timeout says here.
-- What it leaves alone costs a comparison of the tag: most commands alter no table, and CREATE TRIGGER with a function of ours is for
-- nobody but their owner.
CREATE OR REPLACE FUNCTION pgaudit_py.watch_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '300ms' AS $function$
DECLARE
    touched record;
BEGIN
    IF TG_EVENT = 'ddl_command_end' AND TG_TAG NOT IN (
        'ALTER DOMAIN', 'ALTER EXTENSION', 'ALTER INDEX', 'ALTER SCHEMA', 'ALTER TABLE', 'ALTER TRIGGER', 'ALTER TYPE', 'CREATE SCHEMA', 'CREATE TABLE')
    THEN
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
