-- Say why a value could not be written into the log, as activity_log.omitted has it.
--
-- Arguments: the column's name, and what table_columns() says of it; the row; the error that reading it gave.
-- Result: {"why": "size", ...}, see within_limit(), where it is too large for any jsonb; else {"why": "error", "detail": "..."}.
-- Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.why_unread(name text, description jsonb, source record, state text, message text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    digest jsonb;
BEGIN
    -- program_limit_exceeded. Of a value of which parts are redacted nothing is told.
    IF state = '54000' AND NOT description ? 'paths' THEN
        EXECUTE format('SELECT pgaudit_py.digest_of(format(''%%s'', ($1).%I))', name) INTO STRICT digest USING source;
        RETURN '{"why": "size"}' || digest;
    END IF;
    RETURN jsonb_build_object('why', 'error', 'detail', left(message, 512));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('why', 'error', 'detail', left(message, 512));
END
$function$;
