-- Put back what was in force before names were pinned.
-- Parameters: search_path, quote_all_identifiers.
SELECT pg_catalog.set_config('search_path', %(search_path)s, true),
    pg_catalog.set_config('quote_all_identifiers', %(quote_all_identifiers)s, true)
