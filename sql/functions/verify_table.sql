-- Check that the log, folded, is the table: SELECT * FROM pgaudit_py.verify_table('posts').
--
-- For each record every old value must be the new one before it, and the last state must be the row in the table. Of a
-- table without a key, no row may be missing that the log says is there.
-- Result: one row a contradiction, none where all is well: problem in words; subject_id; the activity; the field, as it
-- is called there; what the log says and what was found instead.
-- Errors: PGA03 where the table is not tracked.
CREATE OR REPLACE FUNCTION pgaudit_py.verify_table(subject_type text) RETURNS TABLE (
    problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    key text[] := pgaudit_py.key_of(relation);
BEGIN
    IF key IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF key <> '{}' THEN
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyed(subject_type, relation);
    ELSE
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyless(subject_type, relation);
    END IF;
END
$function$;
