-- Note that a table is no longer audited. Its history and shapes stay.
-- Parameters: id.
UPDATE pgaudit_py.tracked_table SET removed_at = pg_catalog.clock_timestamp() WHERE id = %(id)s RETURNING id
