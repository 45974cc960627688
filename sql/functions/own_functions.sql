-- List the functions of our schema.
--
-- Result: oid; name, as in SQL, with its schema and what it takes; class, as function_roles() has it; capture, for those that were
-- rendered for an audited table; NULL where it is none of ours, or takes the name of one of ours.
CREATE OR REPLACE FUNCTION pgaudit_py.own_functions() RETURNS TABLE (oid oid, name text, class text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT p.oid, p.oid::regprocedure::text,
        CASE
            WHEN r.class IS NOT NULL THEN
                -- Of two under one name, ours is the one with the proof; while neither has it, that which was there first.
                CASE WHEN p.oid = first_value(p.oid) OVER (
                    PARTITION BY p.proname ORDER BY pgaudit_py.function_proof(p.oid) = m.proof DESC NULLS LAST, p.oid) THEN r.class END
            WHEN k.id IS NOT NULL THEN 'capture'
        END
    FROM pg_proc AS p
    LEFT JOIN pgaudit_py.function_roles() AS r ON r.function_name = p.proname
    LEFT JOIN pgaudit_py.migration AS m ON m.name = 'functions/' || p.proname || '.sql'
    LEFT JOIN pgaudit_py.tracked_table AS k
        ON k.removed_at IS NULL AND p.pronargs = 0 AND p.proname IN ('capture_' || k.id, 'capture_' || k.id || '_truncate', 'capture_' || k.id || '_shape')
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace
$function$;
