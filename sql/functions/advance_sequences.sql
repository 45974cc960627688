-- Move a table's sequences on past the values of a row that was put back with its old key; never back.
--
-- Result: nothing. Where the caller may not use a sequence, a WARNING names it: the next generated value may be taken.
CREATE OR REPLACE FUNCTION pgaudit_py.advance_sequences(relation oid, state jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    owned record;
    position record;
BEGIN
    FOR owned IN
        SELECT d.objid::regclass AS sequence, (state ->> a.attname)::numeric AS value, s.seqincrement AS step,
               s.seqstart AS start
        FROM pg_depend AS d
        JOIN pg_sequence AS s ON s.seqrelid = d.objid
        JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.refobjid = relation AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i') AND jsonb_typeof(state -> a.attname) = 'number'
            AND (state ->> a.attname)::numeric BETWEEN s.seqmin AND s.seqmax  -- else it can never be generated
    LOOP
        BEGIN
            -- Best from the sequence itself: pg_sequence_last_value() is NULL for one that was not used yet, wherever it
            -- is to start, and for whoever may not ask.
            IF NOT has_sequence_privilege(owned.sequence, 'SELECT') AND has_sequence_privilege(owned.sequence, 'USAGE') THEN
                SELECT coalesce(l.value, owned.start) AS last_value, l.value IS NOT NULL AS is_called INTO position
                FROM pg_sequence_last_value(owned.sequence) AS l(value);
            ELSE
                EXECUTE format('SELECT last_value, is_called FROM %s', owned.sequence) INTO position;
            END IF;
            IF (owned.value - position.last_value) * sign(owned.step) > 0
                    OR (owned.value = position.last_value AND NOT position.is_called) THEN
                PERFORM setval(owned.sequence, owned.value::bigint);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'pgaudit-py: sequence % could not be moved on past %', owned.sequence, owned.value
                USING HINT = 'Have its owner run setval(), or the next new row may fail for a taken key.';
        END;
    END LOOP;
END
$function$;
