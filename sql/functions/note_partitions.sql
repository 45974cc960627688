-- Note which partitions an audited table has; of one that it has lost, that its records went with it.
--
-- Arguments: the tracked table's id; its table.
CREATE OR REPLACE FUNCTION pgaudit_py.note_partitions(tracked_id integer, relation oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    tracked pgaudit_py.tracked_table;
    gone text;
BEGIN
    SELECT * INTO tracked FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id;
    FOR gone IN SELECT * FROM pgaudit_py.departed(tracked_id, relation) LOOP
        PERFORM pgaudit_py.write_activity('T', tracked.subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            jsonb_build_object('_partition', gone), 'detached');
    END LOOP;
    UPDATE pgaudit_py.tracked_table AS k SET partitions = pgaudit_py.leaves_of(relation) WHERE k.id = tracked_id;
END
$function$;
