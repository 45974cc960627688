-- Bind settings as bind_restore() found them, until the transaction ends.
CREATE OR REPLACE FUNCTION pgaudit_py.unbind_restore(before jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $function$
    SELECT set_config('pgaudit_py.' || s.name, coalesce(s.value, ''), true) FROM jsonb_each_text(before) AS s(name, value)
$function$;
