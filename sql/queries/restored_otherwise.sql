-- Which fields of a restored row differ from what was wanted.
-- Parameters: subject_type; wanted: JSON text or NULL; columns, key: text[]; current_id.
SELECT pgaudit_py.restored_otherwise(
    %(subject_type)s, %(wanted)s::jsonb, %(columns)s::text[], %(key)s::text[], %(current_id)s)
