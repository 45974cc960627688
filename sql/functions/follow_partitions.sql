-- Let partitions of an audited table that came have their trigger for TRUNCATE, and note those that went, as far as the owner of the
-- log may; what it may not is left to `pgaudit-py sync`, and `status` says so.
--
-- Arguments: the tracked table's id; its table. Called by the event trigger: it waits for no install that is at it already.
CREATE OR REPLACE FUNCTION pgaudit_py.follow_partitions(tracked_id integer, relation oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    tracked pgaudit_py.tracked_table;
    place record;
BEGIN
    SELECT * INTO tracked FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR place IN
        SELECT c.oid::regclass AS name, pg_has_role(c.relowner, 'USAGE') AS owned
        FROM pgaudit_py.unwatched_partitions(tracked_id, relation) AS u JOIN pg_class AS c ON c.oid = u.oid
        WHERE NOT u.for_rows AND NOT coalesce(tracked.partitions ? c.oid::text, false)
    LOOP
        IF NOT place.owned THEN
            RETURN;  -- the book names no partition that has never had its trigger
        END IF;
        EXECUTE format('CREATE OR REPLACE TRIGGER "00_pgaudit_py_truncate" BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.%I()', place.name, 'capture_' || tracked_id || '_truncate');
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate"', place.name);
    END LOOP;
    FOR place IN
        SELECT a.oid::regclass AS name, a.trigger_name, pg_has_role(c.relowner, 'USAGE') AS owned
        FROM pgaudit_py.attached_triggers(tracked_id) AS a JOIN pg_class AS c ON c.oid = a.oid
        WHERE a.root <> relation AND tracked.partitions ? a.oid::text
    LOOP
        IF NOT place.owned THEN
            RETURN;  -- a former partition is known by the book until its trigger is gone
        END IF;
        EXECUTE format('DROP TRIGGER %I ON %s', place.trigger_name, place.name);
    END LOOP;
    IF coalesce(tracked.partitions, '{}') <> pgaudit_py.leaves_of(relation) THEN
        PERFORM pgaudit_py.note_partitions(tracked_id, relation, false);
    END IF;
END
$function$;
