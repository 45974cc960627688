-- Take a table into the book. Runs under the pinned search_path.
-- Parameters: id, subject_type, schema_name, table_name, options: JSON text.
INSERT INTO pgaudit_py.tracked_table (id, subject_type, schema_name, table_name, options)
VALUES (%(id)s, %(subject_type)s, %(schema_name)s, %(table_name)s, %(options)s::jsonb)
