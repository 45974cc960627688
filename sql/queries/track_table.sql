-- Take a table into the book, or take it up again where it was removed under the same name.
-- Runs under the pinned search_path.
-- Parameters: subject_type, schema_name, table_name, options: JSON text.
-- Result: id. The id stays the same over an uninstall, so one name has one history.
WITH again AS (
    UPDATE pgaudit_py.tracked_table SET
        removed_at = NULL, schema_name = %(schema_name)s, table_name = %(table_name)s, options = %(options)s::jsonb,
        installed_by = session_user,
        baseline = '{"every": true}'  -- what the log tells of a row may have changed meanwhile
    WHERE id = (SELECT max(id) FROM pgaudit_py.tracked_table WHERE subject_type = %(subject_type)s AND removed_at IS NOT NULL)
    RETURNING id
), fresh AS (
    INSERT INTO pgaudit_py.tracked_table (id, subject_type, schema_name, table_name, options)
    SELECT (SELECT coalesce(max(id), 0) + 1 FROM pgaudit_py.tracked_table), %(subject_type)s, %(schema_name)s, %(table_name)s, %(options)s::jsonb
    WHERE NOT EXISTS (SELECT FROM again)
    RETURNING id
)
SELECT id FROM again UNION ALL SELECT id FROM fresh
