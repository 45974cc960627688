-- A table's columns as they are, and the shape that it was recorded under last. Runs under the pinned search_path.
-- Parameters: oid: of the table; tracked_table_id.
-- Result: one row: present, as table_columns() gives them; id, columns, key and fingerprint of the shape, NULL where there is
-- none; next_id, for another one.
SELECT
    pgaudit_py.table_columns(%(oid)s::bigint::oid) AS present,
    s.id, s.columns, s.key, s.fingerprint,
    (SELECT coalesce(max(a.id), 0) + 1 FROM pgaudit_py.table_shape AS a) AS next_id
FROM (SELECT) AS nothing
LEFT JOIN pgaudit_py.table_shape AS s
    ON s.id = (SELECT max(a.id) FROM pgaudit_py.table_shape AS a WHERE a.tracked_table_id = %(tracked_table_id)s)
