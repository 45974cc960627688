-- Tell whether a trigger refuses every UPDATE, DELETE and TRUNCATE, wherever it is enabled; false where there is none.
CREATE OR REPLACE FUNCTION pgaudit_py.is_guard(trigger_oid oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT EXISTS (
        SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        -- Before the statement of an UPDATE, DELETE or TRUNCATE: 2 + 16 + 8 + 32.
        WHERE t.oid = trigger_oid AND t.tgtype = 58 AND t.tgqual IS NULL AND t.tgattr = ''
            AND p.pronamespace = 'pgaudit_py'::regnamespace AND p.proname = 'refuse_change')
$function$;
