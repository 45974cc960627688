-- Write a row whose columns are known at run time only as it goes into the log.
--
-- Arguments: columns as table_columns() gives them; the row.
-- Result: the state; and what could not be read, as activity_log.omitted has it, NULL where everything could.
-- Never raises. Types are written by their output functions, under the settings of the caller.
CREATE OR REPLACE FUNCTION pgaudit_py.row_state(columns jsonb, source record, OUT state jsonb, OUT omitted jsonb)
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    field record;
    value jsonb;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || pgaudit_py.state_expression(columns, '($1)') INTO STRICT state USING source;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        state := '{}';
    END;
    -- One of them cannot be written: find out which.
    FOR field IN SELECT c.name, c.description FROM jsonb_each(columns) AS c(name, description) LOOP
        BEGIN
            EXECUTE 'SELECT ' || pgaudit_py.state_expression(jsonb_build_object(field.name, field.description), '($1)')
                INTO STRICT value USING source;
            state := state || value;
        EXCEPTION WHEN OTHERS THEN
            omitted := coalesce(omitted, '{}')
                || jsonb_build_object(field.name, jsonb_build_object('why', 'error', 'detail', left(SQLERRM, 512)));
        END;
    END LOOP;
END
$function$;
