-- Record the first of some rows, as many as can be recorded at once; see baseline_batch().
--
-- Where they cannot, a tenth of them is tried; a row that cannot be recorded alone either, since a value is too large, is
-- recorded without it.
-- Arguments: those of baseline_rows().
-- Result: rows, how many were recorded; read, how many were looked at.
-- Errors: those of record_state().
CREATE OR REPLACE FUNCTION pgaudit_py.baseline_some(
    relation oid, subject_type text, leaves oid[], addresses tid[], every boolean, OUT rows bigint, OUT read integer
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    read := coalesce(cardinality(addresses), 0);
    rows := 0;
    WHILE read > 0 LOOP
        BEGIN
            rows := pgaudit_py.baseline_rows(relation, subject_type, leaves[:read], addresses[:read], every);
            RETURN;
        EXCEPTION WHEN OTHERS THEN
            IF read = 1 THEN
                PERFORM pgaudit_py.record_state(relation, leaves[1], addresses[1], subject_type, 'baseline');
                rows := 1;
                RETURN;
            END IF;
            read := greatest(read / 10, 1);
        END;
    END LOOP;
END
$function$;
