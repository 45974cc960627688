-- Note which partitions an audited table has; of one that it has lost, that its records went with it.
--
-- Arguments: the tracked table's id; its table; by_log, see departed(). Result: whether there was anything to note.
CREATE OR REPLACE FUNCTION pgaudit_py.note_partitions(tracked_id integer, relation oid, by_log boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    tracked pgaudit_py.tracked_table;
    gone record;
    news boolean := false;
    present CONSTANT jsonb := pgaudit_py.leaves_of(relation);
BEGIN
    SELECT * INTO tracked FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id;
    FOR gone IN SELECT d.leaf, max(d.name) AS name FROM pgaudit_py.departed(tracked_id, relation, by_log) AS d GROUP BY d.leaf LOOP
        PERFORM pgaudit_py.write_activity('T', tracked.subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            jsonb_build_object('_partition', gone.name, '_leaf', gone.leaf, '_departed', true), 'detached');
        news := true;
    END LOOP;
    IF news OR tracked.partitions IS DISTINCT FROM present THEN
        UPDATE pgaudit_py.tracked_table AS k SET partitions = present, partitions_at = clock_timestamp() WHERE k.id = tracked_id;
        RETURN true;
    END IF;
    RETURN false;
END
$function$;
