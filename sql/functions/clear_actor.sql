-- Say that nobody is acting, until the current transaction ends: SELECT pgaudit_py.clear_actor().
-- Arguments: none.
-- Result: nothing. Every setting of set_actor is empty afterwards, the stamp too.
-- Errors: none.
CREATE OR REPLACE FUNCTION pgaudit_py.clear_actor() RETURNS void
LANGUAGE sql VOLATILE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT
        set_config('pgaudit_py.causer_type', '', true),
        set_config('pgaudit_py.causer_id', '', true),
        set_config('pgaudit_py.ip', '', true),
        set_config('pgaudit_py.user_agent', '', true),
        set_config('pgaudit_py.request_id', '', true),
        set_config('pgaudit_py.metadata', '', true),
        set_config('pgaudit_py.action', '', true),
        set_config('pgaudit_py.stamp', '', true);
$function$;
