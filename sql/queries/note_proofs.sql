-- Note in the ledger what the functions are like that were made just now. Runs under the pinned search_path.
-- Of two under one name, that is the one that was there first.
-- Parameters: names: text[], as the ledger has them.
UPDATE pgaudit_py.migration AS m SET proof = pgaudit_py.function_proof((
    SELECT p.oid FROM pg_proc AS p
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND m.name = 'functions/' || p.proname || '.sql' ORDER BY p.oid LIMIT 1))
WHERE m.name = ANY (%(names)s::text[])
