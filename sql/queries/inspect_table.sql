-- Look at a relation as install needs it.
-- Parameters: oid.
-- Result: the row of pgaudit_py.inspect_table(); none where there is no such relation.
SELECT t.oid::bigint AS oid, t.schema_name, t.table_name, t.kind, t.persistence, t.root, t.audited_below, t.not_owned, t.owner,
    t.owned, t.is_system, t.definer, t.fingerprint, t.columns, t.key, t.partitions
FROM pgaudit_py.inspect_table(%(oid)s::bigint::pg_catalog.oid) AS t
