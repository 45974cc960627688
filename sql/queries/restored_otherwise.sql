-- Which fields of a restored row differ from what was wanted.
-- Parameters: subject_type; wanted: JSON text or NULL; columns, key: text[]; current_id.
SELECT pgaudit_py.restored_otherwise(
    %(subject_type)s, %(wanted)s::pg_catalog.jsonb, %(columns)s::pg_catalog.text[], %(key)s::pg_catalog.text[], %(current_id)s)
