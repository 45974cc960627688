-- Put back the search_path that was in force before it was pinned.
-- Parameters: search_path.
SELECT pg_catalog.set_config('search_path', %(search_path)s, true)
