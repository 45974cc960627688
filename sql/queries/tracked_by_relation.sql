-- The tracked table that a relation is, by the functions its triggers call.
-- Parameters: oid.
-- Result: one row a trigger: id and subject_type; comment, the proof of origin; body of the function; enabled.
SELECT
    k.id, k.subject_type, p.prosrc AS body, t.tgenabled::text AS enabled,
    (SELECT pg_catalog.obj_description(c.oid, 'pg_proc') FROM pg_catalog.pg_proc AS c
     WHERE c.proname = 'capture_' || k.id AND c.pronamespace = p.pronamespace) AS comment
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::pg_catalog.regnamespace
JOIN pgaudit_py.tracked_table AS k
    ON p.proname IN ('capture_' || k.id, 'capture_' || k.id || '_truncate') AND k.removed_at IS NULL
WHERE t.tgrelid = %(oid)s::bigint::oid AND NOT t.tgisinternal
ORDER BY p.proname
