-- Plan to restore the record that bore a key at a time to what it was then; nothing is written.
--
-- Result: see restore_to_version(); base is NULL where nothing happened to the record since its trail began. A key that
-- nobody bore then is planned to be nobody's again: what bears it now is deleted.
-- Errors: those of record_at() and plan_restore().
CREATE OR REPLACE FUNCTION pgaudit_py.restore_to_time(of_type text, of_key text, at timestamptz) RETURNS TABLE (
    subject_type text, current_id text, base bigint, schema_name text, table_name text, key text[], columns text[],
    operation text, wanted jsonb, current jsonb, changes jsonb, left_out jsonb, conflict text, proof text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    target record;
    key_now text := of_key;
BEGIN
    target := pgaudit_py.record_state_at(of_type, of_key, at);
    IF target.base IS NOT NULL THEN
        key_now := pgaudit_py.current_key(target.base);
    END IF;
    RETURN QUERY SELECT of_type, key_now, target.base, p.*
    FROM pgaudit_py.plan_restore(of_type, key_now, target.state, target.columns, target.unknown) AS p;
END
$function$;
