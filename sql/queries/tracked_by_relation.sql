-- The tracked table that a relation is, by the functions its triggers call. Runs under the pinned search_path.
-- Parameters: oid.
-- Result: one row a trigger: id, subject_type, schema_name, table_name (as of the last install) and options; trigger_name; for_rows; enabled; as_made; below, whether all partitions have theirs as installed; astray, [[schema, table, trigger], ...], what partitions have besides, and former ones still have; comment, the proof of origin; proof, of the functions as they are.
SELECT
    k.id, k.subject_type, k.schema_name, k.table_name, k.options, a.trigger_name, a.for_rows, a.enabled, a.as_made, pgaudit_py.proof(k.id) AS proof,
    NOT EXISTS (SELECT FROM pgaudit_py.unwatched_partitions(k.id, a.oid)) AS below,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(b.schema_name, b.table_name, b.trigger_name)), '[]')
     FROM pgaudit_py.attached_triggers(k.id) AS b
     WHERE CASE
         WHEN b.root = a.oid THEN b.oid <> a.oid AND NOT b.inherited AND NOT (b.as_made AND b.trigger_name = '00_pgaudit_py_truncate')
         ELSE k.partitions IS NOT NULL AND NOT b.for_rows AND NOT b.inherited AND pg_has_role((SELECT c.relowner FROM pg_class AS c WHERE c.oid = b.oid), 'USAGE') END) AS astray,
    obj_description(to_regprocedure(format('pgaudit_py.capture_%%s()', k.id)), 'pg_proc') AS comment
FROM pgaudit_py.tracked_table AS k
CROSS JOIN LATERAL pgaudit_py.attached_triggers(k.id) AS a
WHERE a.oid = %(oid)s::bigint::oid AND k.removed_at IS NULL AND pgaudit_py.own_table(k.id) = a.oid
ORDER BY a.trigger_name
