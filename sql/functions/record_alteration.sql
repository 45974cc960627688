-- Record that an audited table was altered, where it differs from what the log last told of it.
--
-- Arguments: the tracked table's id; its table, NULL where that is gone; watched, see present_state().
-- The activity has no operation: it says nothing about any row. metadata._altered is what changed, see table_differences();
-- metadata._after is the table as it is now: what the next one is told by.
CREATE OR REPLACE FUNCTION pgaudit_py.record_alteration(tracked_id integer, relation oid, watched boolean) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    told CONSTANT jsonb := pgaudit_py.told_state(tracked_id);
    present CONSTANT jsonb := pgaudit_py.present_state(tracked_id, relation, told, watched);
    altered CONSTANT jsonb := pgaudit_py.table_differences(told, present);
BEGIN
    IF told IS NULL OR altered IS NULL THEN
        RETURN;
    END IF;
    PERFORM pgaudit_py.write_activity(
        NULL, (SELECT k.subject_type FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        (SELECT max(s.id) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id),
        jsonb_build_object('_altered', altered, '_after', present), 'altered');
END
$function$;
