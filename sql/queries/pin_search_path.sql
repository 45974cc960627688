-- Have names mean what they mean in pg_catalog, until the transaction ends or what was there before is put back.
-- Result: the search_path as it was.
WITH before AS MATERIALIZED (SELECT pg_catalog.current_setting('search_path') AS search_path)
SELECT search_path, pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true) FROM before
