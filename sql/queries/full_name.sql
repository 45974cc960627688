-- What a relation is called as in SQL, with its schema. Runs under the pinned search_path.
-- Parameters: oid.
-- Result: no row where it is gone.
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = %(oid)s::bigint::oid
