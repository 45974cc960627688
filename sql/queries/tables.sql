-- The tables of a database, but those of the system, temporary ones, partitions, which are audited as one with their root, and our own. Runs under the pinned search_path.
-- Result: by schema_name and table_name; name, as in SQL; columns, their names in order; audited; and what tells whether a table can be
-- audited: kind, persistence, root, audited_below, not_owned, owner, owned, is_system; enters, whether the current user may use its schema.
SELECT
    format('%%I.%%I', n.nspname, c.relname) AS name, n.nspname::text AS schema_name, c.relname::text AS table_name, c.relkind::text AS kind,
    c.relpersistence::text AS persistence, false AS is_system,
    NULL AS root,
    (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t
     JOIN pg_trigger AS g ON g.tgrelid = t.relid AND g.tgparentid = 0 AND g.tgtype & 1 <> 0
     JOIN pg_proc AS p ON p.oid = g.tgfoid AND p.pronamespace = to_regnamespace('pgaudit_py')::oid
     WHERE t.level > 0) AS audited_below,
    (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS pc ON pc.oid = t.relid
     WHERE t.level > 0 AND NOT pg_has_role(pc.relowner, 'USAGE')) AS not_owned,
    pg_get_userbyid(c.relowner)::text AS owner,
    pg_has_role(c.relowner, 'USAGE') AS owned,
    has_schema_privilege(n.oid, 'USAGE') AS enters,
    EXISTS (SELECT FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid
            WHERE t.tgrelid = c.oid
                AND p.pronamespace = to_regnamespace('pgaudit_py')::oid) AS audited,
    ARRAY(SELECT a.attname::text FROM pg_attribute AS a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          ORDER BY a.attnum) AS columns
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = ANY (ARRAY['r', 'p']::"char"[])
    AND c.relpersistence <> 't'
    AND NOT c.relispartition
    AND n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema', 'pg_toast', 'pgaudit_py']::name[])
ORDER BY n.nspname, c.relname
