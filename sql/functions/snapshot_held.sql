-- Record a row that snapshot() holds, as the owner of the log. For snapshot() alone.
--
-- Nobody may choose another row, or one that is not held and may be an older one than others see. Who may call snapshot()
-- needs EXECUTE on this as well, so it looks at who calls. The server writes the lines of PG_CONTEXT, in its own
-- language: this function's comes first and shows how a function's line begins; a statement's begins otherwise.
-- Arguments: the table; where the row is, its tableoid and ctid; what the records are called; the label.
-- Result: the activity's id.
-- Errors: 42501 where somebody else calls; PGA10 where the owner of the log cannot read the table.
CREATE OR REPLACE FUNCTION pgaudit_py.snapshot_held(relation oid, leaf oid, address tid, subject_type text, label text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    context text;
    callers text[];
BEGIN
    GET DIAGNOSTICS context = PG_CONTEXT;
    callers := string_to_array(context, E'\n');
    IF NOT coalesce(starts_with(
            callers[2], split_part(callers[1], 'pgaudit_py.snapshot_held(', 1) || 'pgaudit_py.snapshot(text,text,text) '), false) THEN
        RAISE EXCEPTION 'only pgaudit_py.snapshot() may call pgaudit_py.snapshot_held()'
            USING ERRCODE = '42501', HINT = 'Call pgaudit_py.snapshot(subject_type, subject_id, label).';
    END IF;
    BEGIN
        RETURN pgaudit_py.record_state(relation, leaf, address, subject_type, label);
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the owner of the log, %, cannot read table %: %', current_user, relation::regclass, SQLERRM
            USING ERRCODE = 'PGA10', HINT = format(
                'Run `pgaudit-py install --table %1$s` as the owner of the table, or GRANT SELECT ON %1$s TO %2$I. '
                'Where policies hide rows, the owner of the log needs BYPASSRLS.', relation::regclass, current_user);
    END;
END
$function$;
