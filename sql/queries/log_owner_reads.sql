-- Whether the capture functions can read a table, as the owner of the log. Runs under the pinned search_path.
-- Parameters: oid; again: whether it is to be let once more what it was let before.
-- Result: one row: owner, that of the log; unread, [[schema, name], ...] of the table and its partitions that it may not read; enters, whether it
-- may use the table's schema; may_let_in, whether the current user can grant that.
SELECT pg_get_userbyid(l.relowner)::text AS owner,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(rn.nspname, r.relname) ORDER BY r.relispartition, rn.nspname, r.relname), '[]')
     FROM pg_class AS r JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
     WHERE r.oid IN (SELECT t.relid FROM pg_partition_tree(c.oid) AS t UNION SELECT c.oid)
         AND (%(again)s::boolean OR NOT has_table_privilege(l.relowner, r.oid, 'SELECT'))) AS unread,
    has_schema_privilege(l.relowner, n.oid, 'USAGE') AS enters,
    pg_has_role(n.nspowner, 'USAGE') AS may_let_in
FROM pg_class AS l, pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.oid = 'pgaudit_py.activity_log'::regclass AND c.oid = %(oid)s::bigint::oid
