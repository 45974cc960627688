-- Record a change, for capture functions that 0.1.0 rendered and nobody has synced since; see record_change().
CREATE OR REPLACE FUNCTION pgaudit_py.capture_slowly(
    relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid,
    subject_type text, key smallint[], shape_id integer, fingerprint text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pgaudit_py.record_change(relation, tg_op, old_row, new_row, old_tid, new_tid, subject_type,
        pgaudit_py.shape_given(shape_id, fingerprint));
END
$function$;
