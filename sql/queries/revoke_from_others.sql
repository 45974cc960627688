-- Leave to their owner alone what a migration made, until somebody grants more. Runs under the pinned search_path.
-- Parameters: objects: text[], the names of what is new, as schema_objects gives them.
SELECT pgaudit_py.revoke_from_others(ARRAY(
    SELECT CASE WHEN o.name = 'pgaudit_py' THEN to_regnamespace(o.name)::oid
                WHEN o.name LIKE '%%)' THEN to_regprocedure(o.name)::oid
                ELSE to_regclass(o.name)::oid END
    FROM unnest(%(objects)s::text[]) AS o(name)))
