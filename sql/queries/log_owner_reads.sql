-- Whether the capture functions can read a table, as the owner of the log. Runs under the pinned search_path.
-- Parameters: oid.
-- Result: one row: owner, that of the log; reads; enters, whether it may use the table's schema; may_let_in, whether the current user can grant that.
SELECT pg_get_userbyid(l.relowner)::text AS owner,
    has_table_privilege(l.relowner, c.oid, 'SELECT') AS reads,
    has_schema_privilege(l.relowner, n.oid, 'USAGE') AS enters,
    pg_has_role(n.nspowner, 'USAGE') AS may_let_in
FROM pg_class AS l, pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.oid = 'pgaudit_py.activity_log'::regclass AND c.oid = %(oid)s::bigint::oid
