-- Leave to their owner alone what a migration made, until somebody grants more.
-- Parameters: objects: bigint[], the oids of what is new.
SELECT pgaudit_py.revoke_from_others(%(objects)s::pg_catalog.int8[]::pg_catalog.oid[])
