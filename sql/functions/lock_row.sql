-- Hold the row that a restore will change, with the caller's rights.
--
-- Arguments: what the records are called; the key that the record bears now.
-- Result: partitioned, whether its table is; where the row is, its tableoid and ctid, good until this transaction changes the
-- row; NULL where there is none.
CREATE OR REPLACE FUNCTION pgaudit_py.lock_row(
    subject_type text, current_id text, OUT partitioned boolean, OUT leaf oid, OUT address tid
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
AS $function$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    key text[] := pgaudit_py.key_of(relation);
BEGIN
    EXECUTE format('SELECT live.tableoid, live.ctid FROM %s AS live WHERE %s FOR UPDATE',
        pgaudit_py.rows_of(relation), pgaudit_py.key_condition(relation, key, 'live', current_id))
    INTO leaf, address;
    partitioned := leaf <> relation;
END
$function$;
