-- Plan to restore a record to one of its versions; nothing is written.
--
-- Arguments: the activity's id; of a deletion, the row that went away comes back.
-- Result: see plan_restore(); besides what the record is called: subject_type; current_id, NULL where it is gone; base,
-- the activity that names the record.
-- Errors: those of version_at() and plan_restore().
CREATE OR REPLACE FUNCTION pgaudit_py.restore_to_version(activity_id bigint) RETURNS TABLE (
    subject_type text, current_id text, base bigint, schema_name text, table_name text, key text[], columns text[],
    operation text, wanted jsonb, current jsonb, changes jsonb, left_out jsonb, conflict text, proof text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    target record;
    type_name text := (SELECT l.subject_type FROM pgaudit_py.activity_log AS l WHERE l.id = activity_id);
    key_now text := pgaudit_py.current_key(activity_id);
BEGIN
    target := pgaudit_py.version_at(activity_id);
    RETURN QUERY SELECT type_name, key_now, activity_id, p.*
    FROM pgaudit_py.plan_restore(type_name, key_now, target.state, target.columns, target.unknown) AS p;
END
$function$;
