-- Note that a table is no longer audited. Its history and shapes stay. Runs under the pinned search_path.
-- Parameters: id.
UPDATE pgaudit_py.tracked_table SET removed_at = clock_timestamp() WHERE id = %(id)s RETURNING id
