-- Keep the columns that values are written under from now on. Runs under the pinned search_path.
-- Parameters: tracked_table_id; oid: of the table; key: text[].
-- Result: the shape's id; that of the newest one where nothing changed since.
WITH wanted AS (
    SELECT pgaudit_py.table_columns(%(oid)s::bigint::oid) AS columns
), newest AS (
    SELECT s.* FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = %(tracked_table_id)s ORDER BY s.id DESC LIMIT 1
), same AS (
    SELECT newest.id FROM newest, wanted WHERE newest.columns = wanted.columns AND newest.key = %(key)s::text[]
), fresh AS (
    INSERT INTO pgaudit_py.table_shape (id, tracked_table_id, columns, key)
    SELECT (SELECT coalesce(max(id), 0) + 1 FROM pgaudit_py.table_shape), %(tracked_table_id)s, wanted.columns, %(key)s::text[] FROM wanted WHERE NOT EXISTS (SELECT FROM same)
    RETURNING id
)
SELECT id FROM same UNION ALL SELECT id FROM fresh
