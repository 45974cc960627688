-- Keep a table from being altered or dropped until the transaction ends.
-- Parameters: oid.
SELECT pgaudit_py.hold_table(%(oid)s::bigint::pg_catalog.oid)
