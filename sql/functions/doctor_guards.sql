-- Find tables of the log whose rows could be changed or removed by accident; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_guards() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT 'wrong', l.name,
        CASE WHEN t.oid IS NULL THEN 'changes of it are not refused'
             WHEN NOT pgaudit_py.is_guard(t.oid) THEN 'not all changes of it are refused'
             ELSE 'changes of it are not refused in every session' END,
        'Run `pgaudit-py migrate`.'
    FROM pgaudit_py.log_tables() AS l
    LEFT JOIN pg_trigger AS t ON t.tgrelid = l.oid AND t.tgname = 'append_only'
    WHERE t.oid IS NULL OR NOT pgaudit_py.is_guard(t.oid) OR t.tgenabled <> 'A'
$function$;
