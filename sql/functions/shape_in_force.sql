-- Give the shape that a table's changes are recorded under at this moment, whatever the transaction's snapshot shows of the books.
--
-- Arguments: the table. Result: as capture_N_shape() gives it; that of table_shape where 0.1.0 rendered the functions.
-- Errors: PGA13 where it was installed under another name since the snapshot was taken.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_in_force(relation oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    booked CONSTANT pgaudit_py.table_shape := pgaudit_py.newest_shape(relation);
    shape jsonb;
BEGIN
    BEGIN
        EXECUTE format('SELECT pgaudit_py.%I()', format('capture_%s_shape', booked.tracked_table_id)) INTO shape;
    EXCEPTION WHEN undefined_function THEN
        IF to_regprocedure(format('pgaudit_py.capture_%s()', booked.tracked_table_id)) IS NULL THEN
            RAISE EXCEPTION 'the audit trail of % was changed since this transaction began', relation::regclass
                USING ERRCODE = 'PGA13', HINT = 'Begin another transaction.';
        END IF;
        shape := to_jsonb(booked);
    END;
    RETURN shape;
END
$function$;
