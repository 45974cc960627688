-- Record a row of a table that changed since its capture function was rendered, whatever it looks like by now.
--
-- The slow way, by the catalog, taken by a capture function that finds its table altered, until the table is installed
-- anew. What cannot be read is named in omitted.
-- Arguments: the table; OLD and NEW as the trigger has them (NULL where it has none); the numbers of the key's columns.
-- Result: what write_activity() takes. changes is NULL where nothing differs. The whole row is kept on updates too,
-- and marks carries the columns as they are now, since no table_shape tells them. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.capture_drifted(
    relation oid, old_row record, new_row record, key smallint[],
    OUT subject_id text, OUT previous_subject_id text, OUT changes jsonb, OUT snapshot jsonb, OUT omitted jsonb,
    OUT marks jsonb
) LANGUAGE plpgsql STABLE AS $function$
DECLARE
    columns jsonb := pgaudit_py.table_columns(relation);
    -- IS DISTINCT FROM NULL, because IS NULL is true for a row of NULLs.
    has_old CONSTANT boolean := old_row IS DISTINCT FROM NULL;
    has_new CONSTANT boolean := new_row IS DISTINCT FROM NULL;
    old_state record;
    new_state record;
BEGIN
    old_state := pgaudit_py.row_state(columns, old_row);
    new_state := pgaudit_py.row_state(columns, new_row);
    subject_id := pgaudit_py.subject_of(columns, key, CASE WHEN has_new THEN new_row ELSE old_row END);
    snapshot := CASE WHEN has_new THEN new_state.state ELSE old_state.state END;
    omitted := nullif(
        CASE WHEN has_old THEN coalesce(old_state.omitted, '{}') ELSE '{}' END
        || CASE WHEN has_new THEN coalesce(new_state.omitted, '{}') ELSE '{}' END, '{}');
    IF has_old AND has_new THEN
        changes := pgaudit_py.diff_states(old_state.state, new_state.state);
        previous_subject_id := nullif(pgaudit_py.subject_of(columns, key, old_row), subject_id);
    END IF;
    marks := jsonb_build_object('_drift', columns);
END
$function$;
