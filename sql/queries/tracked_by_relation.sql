-- The tracked table that a relation is, by the functions its triggers call. Runs under the pinned search_path.
-- Parameters: oid.
-- Result: one row a trigger: id, subject_type, schema_name, table_name (as of the last install) and options; trigger_name; for_rows; enabled; as_made; comment, the proof of origin; proof, of the functions as they are.
SELECT
    k.id, k.subject_type, k.schema_name, k.table_name, k.options, a.trigger_name, a.for_rows, a.enabled, a.as_made, pgaudit_py.proof(k.id) AS proof,
    obj_description(to_regprocedure(format('pgaudit_py.capture_%%s()', k.id)), 'pg_proc') AS comment
FROM pgaudit_py.tracked_table AS k
CROSS JOIN LATERAL pgaudit_py.attached_triggers(k.id) AS a
WHERE a.oid = %(oid)s::bigint::oid AND k.removed_at IS NULL AND pgaudit_py.own_table(k.id) = a.oid
ORDER BY a.trigger_name
