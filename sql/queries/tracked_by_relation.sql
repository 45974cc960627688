-- The tracked table that a relation is, by the functions its triggers call. Runs under the pinned search_path.
-- Parameters: oid.
-- Result: one row a trigger: id, subject_type and options; trigger_name; comment, the proof of origin; body of the function; enabled.
SELECT
    k.id, k.subject_type, k.options, a.trigger_name, a.body, a.enabled,
    obj_description(to_regprocedure(format('pgaudit_py.capture_%%s()', k.id)), 'pg_proc') AS comment
FROM pgaudit_py.tracked_table AS k
CROSS JOIN LATERAL pgaudit_py.attached_triggers(k.id) AS a
WHERE a.oid = %(oid)s::bigint::oid AND k.removed_at IS NULL
ORDER BY a.trigger_name
