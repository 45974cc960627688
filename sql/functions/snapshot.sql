-- Record a record as it is now, whole: SELECT pgaudit_py.snapshot('posts', '1', 'before import').
--
-- The row is held, with the caller's own rights, until the transaction ends; then the database itself reads it: what is
-- recorded is what was there, in the true order of changes, whoever calls.
-- Arguments: subject_type; subject_id; a label of 1 to 512 characters that the view versions shows, NULL for none.
-- Result: the activity's id, a version.
-- Errors: PGA03 where the table is not tracked, PGA04 where it has no key, PGA06 where it has no such row that the caller
-- may change, PGA10 where the owner of the log cannot read it, PGA11 where the label is none; 42501 where the caller may
-- not read the table, or change no row of it.
CREATE OR REPLACE FUNCTION pgaudit_py.snapshot(subject_type text, subject_id text, label text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
AS $function$
DECLARE
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    leaf oid;
    address tid;
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_nullable(subject_type)
            USING ERRCODE = 'PGA03', HINT = concat('Run `pgaudit-py install --table ', subject_type, '`.');
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    ELSIF label = '' OR length(label) > 512 THEN
        RAISE EXCEPTION 'a label has 1 to 512 characters'
            USING ERRCODE = 'PGA11', HINT = 'Name it as people will look for it: before import.';
    END IF;
    EXECUTE format('SELECT live.tableoid, live.ctid FROM %s AS live WHERE %s FOR NO KEY UPDATE',
        pgaudit_py.rows_of(relation), pgaudit_py.key_condition(relation, key, 'live', subject_id))
    INTO leaf, address;
    IF address IS NULL THEN
        RAISE EXCEPTION 'there is no % % now', quote_ident(subject_type), quote_nullable(left(subject_id, 100))
            USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
    END IF;
    RETURN pgaudit_py.snapshot_held(relation, leaf, address, subject_type, label);
END
$function$;
