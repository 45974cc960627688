-- In which schemas names are looked for, and whether all of them are quoted.
-- Result: one row: search_path, quote_all_identifiers.
SELECT pg_catalog.current_setting('search_path') AS search_path,
    pg_catalog.current_setting('quote_all_identifiers') AS quote_all_identifiers
