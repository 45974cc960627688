-- The tracked tables that a name may mean: the one whose records are called so, and the one that is called so itself.
-- Runs under the pinned search_path.
-- Parameters: name; oid: of the relation that has this name where it was written, NULL for none.
-- Result: a row for each meaning, the first where by_records, whether its records are called so: id, subject_type; place, the table's
-- name with its schema, so quoted that it means the table alone; NULL where none carries the trigger any more.
SELECT
    k.id, k.subject_type, k.subject_type = %(name)s AS by_records,
    (SELECT w.written
     FROM (VALUES (1, format('%%I.%%I', n.nspname, c.relname)),
                  (2, format('"%%s"."%%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')))) AS w(position, written)
     WHERE c.oid IS NOT NULL
     ORDER BY EXISTS (SELECT FROM pgaudit_py.tracked_table AS o WHERE o.subject_type = w.written AND o.removed_at IS NULL), w.position
     LIMIT 1) AS place
FROM pgaudit_py.tracked_table AS k
LEFT JOIN pg_class AS c ON c.oid = pgaudit_py.live_table(k.subject_type)
LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.removed_at IS NULL AND (k.subject_type = %(name)s OR c.oid = %(oid)s::bigint::oid)
ORDER BY by_records DESC, k.id
