-- Bring the book up to date for a table that is installed anew. Runs under the pinned search_path.
-- Parameters: id, schema_name, table_name, options: JSON text.
UPDATE pgaudit_py.tracked_table
SET schema_name = %(schema_name)s, table_name = %(table_name)s, options = %(options)s::jsonb
WHERE id = %(id)s
RETURNING id
