-- Read who is acting from the session's settings, whatever nonsense they hold.
--
-- Result: the causer, the address and the rest as they go into the log. A value that cannot be stored where it
-- belongs is kept in metadata: _ip (an address that is none), _invalid (metadata that is no JSON object or over 8 kB),
-- _bare (set without set_actor, so perhaps for the whole session), _stale (left over from an earlier transaction: the
-- values are ignored). Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.context(
    OUT action text, OUT causer_type text, OUT causer_id text, OUT ip inet,
    OUT user_agent text, OUT request_id text, OUT metadata jsonb
) LANGUAGE plpgsql STABLE AS $function$
DECLARE
    -- A setting is NULL before its first use in a session and '' after a transaction that set it.
    stamp text := current_setting('pgaudit_py.stamp', true);
    given_ip text;
    given_metadata text;
BEGIN
    IF stamp <> '' AND stamp <> extract(epoch FROM now())::text THEN
        metadata := '{"_stale": true}';
        RETURN;
    END IF;
    action := nullif(left(current_setting('pgaudit_py.action', true), 512), '');
    causer_type := nullif(left(current_setting('pgaudit_py.causer_type', true), 512), '');
    causer_id := nullif(left(current_setting('pgaudit_py.causer_id', true), 512), '');
    user_agent := nullif(left(current_setting('pgaudit_py.user_agent', true), 512), '');
    request_id := nullif(left(current_setting('pgaudit_py.request_id', true), 512), '');
    given_ip := nullif(left(current_setting('pgaudit_py.ip', true), 512), '');
    given_metadata := nullif(current_setting('pgaudit_py.metadata', true), '');
    IF given_metadata IS NOT NULL THEN
        metadata := pgaudit_py.parse_metadata(given_metadata);
    END IF;
    IF given_ip IS NOT NULL THEN
        BEGIN
            ip := given_ip::inet;
        EXCEPTION WHEN OTHERS THEN
            metadata := coalesce(metadata, '{}') || jsonb_build_object('_ip', given_ip);
        END;
    END IF;
    IF stamp IS NULL OR stamp = '' THEN
        IF num_nonnulls(action, causer_type, causer_id, user_agent, request_id, given_ip, given_metadata) > 0 THEN
            metadata := coalesce(metadata, '{}') || '{"_bare": true}';
        END IF;
    END IF;
END
$function$;
