-- Say who is acting, until the current transaction ends: SELECT pgaudit_py.set_actor('42', ip => '203.0.113.7').
-- Arguments: causer_id: the user's id, NULL for nobody; causer_type: what kind of causer; ip: the client's
--            address; user_agent, request_id: texts, cut at 512 characters as all of them are; metadata: an
--            object of at most 8 kB, else it is kept as text; leading underscores of its keys are taken off,
--            since such names are the library's. A name that is taken then gets them at its end.
-- Result: nothing. What an earlier call in this transaction bound is replaced as a whole.
-- Errors: none; garbage never fails a write. Outside a transaction block the call has no effect, since the
--         transaction ends with it: BEGIN first.
-- An ip that is no address is kept by the triggers, as text in the metadata.
CREATE OR REPLACE FUNCTION pgaudit_py.set_actor(
    causer_id   text,
    causer_type text DEFAULT NULL,
    ip          text DEFAULT NULL,
    user_agent  text DEFAULT NULL,
    request_id  text DEFAULT NULL,
    metadata    jsonb DEFAULT NULL
) RETURNS void
LANGUAGE sql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT
        set_config('pgaudit_py.causer_type', coalesce(left(set_actor.causer_type, 512), ''), true),
        set_config('pgaudit_py.causer_id', coalesce(left(set_actor.causer_id, 512), ''), true),
        set_config('pgaudit_py.ip', coalesce(left(set_actor.ip, 512), ''), true),
        set_config('pgaudit_py.user_agent', coalesce(left(set_actor.user_agent, 512), ''), true),
        set_config('pgaudit_py.request_id', coalesce(left(set_actor.request_id, 512), ''), true),
        set_config('pgaudit_py.metadata', coalesce(
            CASE
                WHEN set_actor.metadata = 'null' THEN NULL
                WHEN jsonb_typeof(set_actor.metadata) <> 'object' OR octet_length(set_actor.metadata::text) > 8192
                    THEN jsonb_build_object('_invalid', left(set_actor.metadata::text, 512))
                ELSE pgaudit_py.unreserved(set_actor.metadata)
            END::text, ''), true),
        set_config('pgaudit_py.action', '', true),
        set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true);
$function$;
