-- Refuse a baseline that cannot be taken; see baseline_batch().
--
-- Errors: PGA03, PGA04 and PGA11 as there.
CREATE OR REPLACE FUNCTION pgaudit_py.check_baseline(subject_type text, relation oid, key text[], batch_rows integer)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_nullable(subject_type)
            USING ERRCODE = 'PGA03', HINT = concat('Run `pgaudit-py install --table ', subject_type, '`.');
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key, by which a baseline could say whose state it records', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    ELSIF (batch_rows >= 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'batch_rows is %', batch_rows USING ERRCODE = 'PGA11', HINT = 'Give a number from 1 on.';
    ELSIF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'a baseline has to see what was committed until it held the table'
            USING ERRCODE = 'PGA11', HINT = 'Take it in transactions that are READ COMMITTED.';
    END IF;
END
$function$;
