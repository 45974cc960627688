-- Have names mean what they mean in pg_catalog, until the transaction ends or what was there before is put back.
SET LOCAL search_path TO pg_catalog, pg_temp
