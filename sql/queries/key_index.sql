-- Whether an index keeps columns of a table unique.
-- Parameters: oid: of the table; key: text[].
SELECT pgaudit_py.key_index(%(oid)s::bigint::pg_catalog.oid, %(key)s::pg_catalog.text[]) IS NOT NULL
