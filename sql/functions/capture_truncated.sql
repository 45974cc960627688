-- Record that a table is about to be truncated, for functions that 0.1.0 rendered and nobody has synced since; see
-- record_truncation().
CREATE OR REPLACE FUNCTION pgaudit_py.capture_truncated(
    relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    PERFORM pgaudit_py.record_truncation(relation, subject_type, pgaudit_py.shape_given(shape_id, fingerprint), row_limit);
END
$function$;
