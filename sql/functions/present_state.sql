-- Say how an audited table is now, as far as the log tells when that changes.
--
-- Arguments: the tracked table's id; its table, NULL where that is gone; what told_state() gives; watched: whether the command that
-- altered it has just ended, so that the triggers are looked at, too. Else nobody knows whose doing they are: `status` tells of them.
-- Result: {"columns": as essential_columns() gives them, "key": ["id"], "table": "public.posts", null where it is gone, "triggers":
-- as trigger_state() gives them}. What was told stays of a table that is gone.
CREATE OR REPLACE FUNCTION pgaudit_py.present_state(tracked_id integer, relation oid, told jsonb, watched boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
DECLARE
    columns jsonb;
BEGIN
    IF relation IS NULL THEN
        RETURN told || '{"table": null}';
    END IF;
    columns := pgaudit_py.shape_columns(relation, (
        SELECT to_jsonb(s) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id ORDER BY s.id DESC LIMIT 1));
    RETURN jsonb_build_object(
        'columns', pgaudit_py.essential_columns(columns),
        'key', pgaudit_py.present_key(relation, columns, pgaudit_py.shape_key(told)),
        'table', (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  WHERE c.oid = relation),
        'triggers', CASE WHEN watched THEN pgaudit_py.trigger_state(tracked_id, relation) ELSE told -> 'triggers' END);
END
$function$;
