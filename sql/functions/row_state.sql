-- Write a row whose columns are known at run time only as it goes into the log.
--
-- Arguments: columns as table_columns() gives them; the row; the limit of one value in bytes, NULL for that of the log itself.
-- Result: the state; and what is too large or cannot be read, as activity_log.omitted has it, NULL where that is nothing.
-- Capture functions of earlier releases may call it without the limit while an upgrade comes in.
-- Never raises. Types are written by their output functions, under the settings of the caller.
CREATE OR REPLACE FUNCTION pgaudit_py.row_state(columns jsonb, source record, value_limit bigint DEFAULT NULL, OUT state jsonb, OUT omitted jsonb)
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    field record;
    part record;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || pgaudit_py.state_expression(columns, '($1)') INTO STRICT state USING source;
        SELECT w.kept, w.omitted INTO STRICT state, omitted FROM pgaudit_py.within_limit(columns, state, value_limit) AS w;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        state := '{}';
    END;
    -- One of them cannot be written, or all together: one after the other.
    FOR field IN SELECT c.name, c.description FROM jsonb_each(columns) AS c(name, description) LOOP
        BEGIN
            EXECUTE 'SELECT w.* FROM pgaudit_py.within_limit($2, '
                || pgaudit_py.state_expression(jsonb_build_object(field.name, field.description), '($1)') || ', $3) AS w'
                INTO STRICT part USING source, columns, value_limit;
            state := state || part.kept;
            omitted := nullif(coalesce(omitted, '{}') || coalesce(part.omitted, '{}'), '{}');
        EXCEPTION WHEN OTHERS THEN
            omitted := coalesce(omitted, '{}')
                || jsonb_build_object(field.name, pgaudit_py.why_unread(field.name, field.description, source, SQLSTATE, SQLERRM));
        END;
    END LOOP;
END
$function$;
