-- Bring the book up to date for a table that is installed anew, or taken up again. Runs under the pinned search_path.
-- Parameters: id, schema_name, table_name, options: JSON text; resumed: boolean, whether it was removed meanwhile.
UPDATE pgaudit_py.tracked_table
SET schema_name = %(schema_name)s, table_name = %(table_name)s, options = %(options)s::jsonb, removed_at = NULL,
    installed_by = CASE WHEN %(resumed)s THEN session_user ELSE installed_by END,
    -- What the log tells of a row may have changed meanwhile.
    baseline = CASE WHEN %(resumed)s THEN '{"every": true}' ELSE baseline END
WHERE id = %(id)s
