-- A table's columns as they are, and the shape that it was recorded under last. Runs under the pinned search_path.
-- Parameters: oid: of the table; tracked_table_id.
-- Result: one row: present, the columns by the numbers that the log knows them by, as mark_columns() gives them; id, columns, key,
-- fingerprint, relation and cluster of the shape, NULL where there is none; difference, see column_differences(); here, the cluster now; elsewhere, whether
-- the shape is that of another relation; next_id, for another one.
SELECT
    p.present, pgaudit_py.cluster() AS here,
    s.id IS NOT NULL AND pgaudit_py.shift_of(%(oid)s::bigint::oid, to_jsonb(s)) IS NOT NULL AS elsewhere,
    pgaudit_py.column_differences(s.columns, p.present) AS difference,
    s.id, s.columns, s.key, s.fingerprint, s.relation::bigint AS relation, s.cluster,
    (SELECT coalesce(max(a.id), 0) + 1 FROM pgaudit_py.table_shape AS a) AS next_id
FROM (SELECT) AS nothing
LEFT JOIN pgaudit_py.table_shape AS s
    ON s.id = (SELECT max(a.id) FROM pgaudit_py.table_shape AS a WHERE a.tracked_table_id = %(tracked_table_id)s)
CROSS JOIN LATERAL (SELECT pgaudit_py.shape_columns(%(oid)s::bigint::oid, to_jsonb(s)) AS present) AS p
