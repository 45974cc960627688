-- How the tables of the book are. Runs under the pinned search_path.
-- Result: one row a tracked table, by subject_type: id, subject_type, schema_name, table_name (as of the last install), options,
-- installed_at, baseline; oid, of the table as own_table() finds it, else of the one that has its name, NULL where there is
-- none; relation, its name; triggers: [{"name": ..., "for_rows": ..., "enabled": ..., "as_made": ...}]; strays, those on other tables, with relation
-- and drop, a statement; unwatched: [{"relation": ..., "for_rows": ...}], of its partitions; departed, names of those that it has lost; heirs, names of tables that inherit from it
-- and are not audited; comment and proof of its functions; definer, the owner of the
-- log; reads, whether that one may read the table; sees_all, whether row security lets it see all rows.
SELECT
    k.id, k.subject_type, k.schema_name, k.table_name, k.options, k.installed_at, k.baseline, t.oid::bigint AS oid, t.oid::regclass::text AS relation,
    coalesce(a.triggers, '[]') AS triggers, coalesce(a.strays, '[]') AS strays,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('relation', u.oid::regclass::text, 'for_rows', u.for_rows) ORDER BY u.oid::regclass::text), '[]')
     FROM pgaudit_py.unwatched_partitions(k.id, t.oid) AS u) AS unwatched,
    ARRAY(SELECT d.name FROM pgaudit_py.departed(k.id, t.oid, false) AS d ORDER BY 1) AS departed,
    ARRAY(SELECT h.oid::regclass::text
          FROM pg_inherits AS i JOIN pg_class AS h ON h.oid = i.inhrelid AND NOT h.relispartition
          WHERE i.inhparent = t.oid AND NOT EXISTS (
              SELECT FROM pg_trigger AS g JOIN pg_proc AS p ON p.oid = g.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
              WHERE g.tgrelid = h.oid)
          ORDER BY 1) AS heirs,
    obj_description(to_regprocedure(format('pgaudit_py.capture_%%s()', k.id)), 'pg_proc') AS comment,
    pgaudit_py.proof(k.id) AS proof,
    pg_get_userbyid(l.relowner)::text AS definer,
    whole.reads, whole.sees_all
FROM pgaudit_py.tracked_table AS k
CROSS JOIN pg_class AS l
JOIN pg_roles AS r ON r.oid = l.relowner
CROSS JOIN LATERAL (
    SELECT coalesce(pgaudit_py.own_table(k.id), to_regclass(format('%%I.%%I', k.schema_name, k.table_name))::oid) AS oid
) AS t
CROSS JOIN LATERAL (
    SELECT jsonb_agg(o.said ORDER BY o.name) FILTER (WHERE o.oid = t.oid) AS triggers,
           jsonb_agg(o.said ORDER BY o.relation, o.name) FILTER (WHERE o.root <> t.oid AND (o.for_rows OR k.partitions IS NULL)) AS strays
    FROM (
        SELECT a.oid, a.root, a.for_rows, a.oid::regclass::text AS relation, a.trigger_name AS name, jsonb_build_object(
            'name', a.trigger_name, 'for_rows', a.for_rows, 'enabled', a.enabled, 'as_made', a.as_made,
            'drop', format('DROP TRIGGER %%I ON %%s', a.trigger_name, a.oid::regclass), 'relation', a.oid::regclass::text) AS said
        FROM pgaudit_py.attached_triggers(k.id) AS a
    ) AS o
) AS a
CROSS JOIN LATERAL (
    SELECT bool_and(has_table_privilege(l.relowner, c.oid, 'SELECT') AND has_schema_privilege(l.relowner, c.relnamespace, 'USAGE')) AS reads,
           bool_and(NOT c.relrowsecurity OR r.rolbypassrls OR r.rolsuper OR (c.relowner = l.relowner AND NOT c.relforcerowsecurity)) AS sees_all
    FROM pg_class AS c WHERE c.oid IN (SELECT p.relid FROM pg_partition_tree(t.oid) AS p WHERE p.isleaf UNION SELECT t.oid) AND c.relkind <> 'f'
) AS whole
WHERE k.removed_at IS NULL AND l.oid = 'pgaudit_py.activity_log'::regclass
ORDER BY k.subject_type
