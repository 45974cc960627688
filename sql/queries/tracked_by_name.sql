-- The tracked table whose records have this name.
-- Parameters: subject_type.
-- Result: at most one row: id, subject_type, oid and relation, NULL where no table carries its trigger.
SELECT k.id, k.subject_type, pgaudit_py.live_table(k.subject_type)::bigint AS oid,
    pgaudit_py.live_table(k.subject_type)::pg_catalog.regclass::text AS relation
FROM pgaudit_py.tracked_table AS k
WHERE k.subject_type = %(subject_type)s AND k.removed_at IS NULL
