-- Tell whether a trigger refuses every UPDATE, DELETE and TRUNCATE, wherever it is enabled; false where there is none.
CREATE OR REPLACE FUNCTION pgaudit_py.is_guard(trigger_oid oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT EXISTS (
        SELECT FROM pg_trigger AS t
        -- Before the statement of an UPDATE, DELETE or TRUNCATE: 2 + 16 + 8 + 32.
        WHERE t.oid = trigger_oid AND t.tgtype = 58 AND t.tgqual IS NULL AND t.tgattr = ''
            AND t.tgfoid = to_regprocedure('pgaudit_py.refuse_change()'))
$function$;
