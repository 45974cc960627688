-- The columns of a table, in their order. Runs under the pinned search_path.
-- Parameters: oid.
SELECT a.attname::text FROM pg_attribute AS a
WHERE a.attrelid = %(oid)s::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
