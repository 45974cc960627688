-- Find functions of our schema that are not as this library made them, or not ours; see doctor().
--
-- Whether those of audited tables are as they were rendered is told by `pgaudit-py status`.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_functions() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH f AS (
        SELECT o.oid, o.name, o.class, p.proname, p.proowner, p.prosecdef, p.proconfig, n.nspowner
        FROM pgaudit_py.own_functions() AS o
        JOIN pg_proc AS p ON p.oid = o.oid
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
    )
    SELECT 'wrong', coalesce(f.name, 'pgaudit_py.' || split_part(split_part(e.name, '/', 2), '.', 1)),
        CASE WHEN e.is_missing THEN 'it is gone' ELSE 'it is not as this library made it: somebody changed it' END, 'Run `pgaudit-py migrate`.'
    FROM pgaudit_py.edited_functions() AS e
    LEFT JOIN f ON e.name = 'functions/' || f.proname || '.sql' AND f.class IS NOT NULL
    UNION ALL
    SELECT 'wrong', f.name,
        CASE WHEN f.prosecdef THEN 'it is none of ours, and runs with its owner''s rights' ELSE 'it is none of ours' END, format('Run `DROP ROUTINE %s`.', f.name)
    FROM f WHERE f.class IS NULL
    UNION ALL
    SELECT 'wrong', f.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(f.proowner)),
        format('Run `ALTER FUNCTION %s OWNER TO %I`.', f.name, pg_get_userbyid(f.nspowner))
    FROM f WHERE f.proowner <> f.nspowner AND f.class IS NOT NULL
    UNION ALL
    SELECT 'wrong', f.name, 'it runs with its owner''s rights, and names mean in it what its caller wants',
        format('Run `ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp`.', f.name)
    FROM f
    WHERE f.prosecdef AND f.class IS NOT NULL
        AND NOT coalesce(f.proconfig, '{}') && '{"search_path=pg_catalog, pg_temp","search_path=\"pg_catalog\", \"pg_temp\""}'
$function$;
