-- How the tables of the book are. Runs under the pinned search_path.
-- Result: one row a tracked table, by subject_type: id, subject_type, schema_name, table_name (as of the last install), options,
-- installed_at, baseline; oid, of the table as own_table() finds it, else of the one that has its name, NULL where there is
-- none; relation, its name; triggers: [{"name": ..., "for_rows": ..., "enabled": ..., "as_made": ...}]; strays, those on other tables, with relation
-- and drop, a statement; comment and proof of its functions; definer, the owner of the
-- log; reads, whether that one may read the table; sees_all, whether row security lets it see all rows.
SELECT
    k.id, k.subject_type, k.schema_name, k.table_name, k.options, k.installed_at, k.baseline, t.oid::bigint AS oid, t.oid::regclass::text AS relation,
    coalesce(a.triggers, '[]') AS triggers, coalesce(a.strays, '[]') AS strays,
    obj_description(to_regprocedure(format('pgaudit_py.capture_%%s()', k.id)), 'pg_proc') AS comment,
    pgaudit_py.proof(k.id) AS proof,
    pg_get_userbyid(l.relowner)::text AS definer,
    has_table_privilege(l.relowner, t.oid, 'SELECT') AND has_schema_privilege(l.relowner, c.relnamespace, 'USAGE') AS reads,
    NOT c.relrowsecurity OR r.rolbypassrls OR r.rolsuper OR (c.relowner = l.relowner AND NOT c.relforcerowsecurity) AS sees_all
FROM pgaudit_py.tracked_table AS k
CROSS JOIN pg_class AS l
JOIN pg_roles AS r ON r.oid = l.relowner
CROSS JOIN LATERAL (
    SELECT coalesce(pgaudit_py.own_table(k.id), to_regclass(format('%%I.%%I', k.schema_name, k.table_name))::oid) AS oid
) AS t
CROSS JOIN LATERAL (
    SELECT jsonb_agg(o.said ORDER BY o.name) FILTER (WHERE o.oid = t.oid) AS triggers,
           jsonb_agg(o.said ORDER BY o.relation, o.name) FILTER (WHERE o.oid <> t.oid) AS strays
    FROM (
        SELECT a.oid, a.oid::regclass::text AS relation, a.trigger_name AS name, jsonb_build_object(
            'name', a.trigger_name, 'for_rows', a.for_rows, 'enabled', a.enabled, 'as_made', a.as_made,
            'drop', format('DROP TRIGGER %%I ON %%s', a.trigger_name, a.oid::regclass), 'relation', a.oid::regclass::text) AS said
        FROM pgaudit_py.attached_triggers(k.id) AS a
    ) AS o
) AS a
LEFT JOIN pg_class AS c ON c.oid = t.oid
WHERE k.removed_at IS NULL AND l.oid = 'pgaudit_py.activity_log'::regclass
ORDER BY k.subject_type
