-- Mark what the transaction writes from now on as restored; who is acting stays who it is.
--
-- Arguments: marks to be laid over the metadata. Result: the settings as they were, for unbind_restore().
-- Whatever context() ignores or marks in them (a stale actor, an address that is none) is bound as it would have been
-- recorded, so that the fresh stamp makes nothing true that was not.
CREATE OR REPLACE FUNCTION pgaudit_py.bind_restore(marks jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    before CONSTANT jsonb := (
        SELECT jsonb_object_agg(name, coalesce(current_setting('pgaudit_py.' || name, true), ''))
        FROM unnest('{causer_type,causer_id,ip,user_agent,request_id,metadata,action,stamp}'::text[]) AS name);
    who record;
    metadata jsonb;
BEGIN
    who := pgaudit_py.context();
    metadata := coalesce(who.metadata, '{}') || marks;
    IF octet_length(metadata::text) > 8192 THEN  -- what parse_metadata() takes
        metadata := jsonb_build_object('_invalid', left(who.metadata::text, 512)) || marks;
    END IF;
    PERFORM pgaudit_py.unbind_restore(jsonb_build_object(
        'causer_type', who.causer_type, 'causer_id', who.causer_id, 'ip', who.ip, 'user_agent', who.user_agent,
        'request_id', who.request_id, 'metadata', metadata::text, 'action', 'restored',
        'stamp', extract(epoch FROM now())::text));
    RETURN before;
END
$function$;
