-- Act as another role until the transaction ends.
-- Parameters: role: none for the session's own.
SELECT pg_catalog.set_config('role', %(role)s, true)
