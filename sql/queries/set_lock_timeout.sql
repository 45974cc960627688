-- Wait for no table's lock longer than this, until the transaction ends.
-- Parameters: timeout: milliseconds as text.
SELECT pg_catalog.set_config('lock_timeout', %(timeout)s, true)
