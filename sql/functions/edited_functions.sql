-- List our functions that are not as migrate made them, by the proofs that it noted: SELECT * FROM pgaudit_py.edited_functions().
--
-- The functions of audited tables are looked at by proof().
-- Result: name, as the ledger has it: functions/history.sql; is_missing: whether there is none of that name at all.
CREATE OR REPLACE FUNCTION pgaudit_py.edited_functions() RETURNS TABLE (name text, is_missing boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT m.name, bool_and(p.oid IS NULL)
    FROM pgaudit_py.migration AS m
    LEFT JOIN pg_proc AS p ON p.pronamespace = 'pgaudit_py'::regnamespace AND m.name = 'functions/' || p.proname || '.sql'
    JOIN pgaudit_py.function_roles() AS r ON m.name = 'functions/' || r.function_name || '.sql'
    GROUP BY m.name, m.proof
    HAVING bool_or(pgaudit_py.function_proof(p.oid) = m.proof) IS NOT TRUE
$function$;
