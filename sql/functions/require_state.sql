-- Refuse to go on with a script where something is not as it was when the script was made.
--
-- Arguments: see install_state(); what that gave then; the table's name, for the error.
-- Errors: PGA13.
CREATE OR REPLACE FUNCTION pgaudit_py.require_state(
    relation oid, key text[], tracked_id integer, expected jsonb, table_name text
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    state jsonb := pgaudit_py.install_state(relation, key, tracked_id);
    changed text := (SELECT string_agg(e.name, ', ' ORDER BY e.name) FROM jsonb_each(expected) AS e(name, value)
                     WHERE e.value IS DISTINCT FROM state -> e.name);
BEGIN
    IF state -> 'table' IS DISTINCT FROM expected -> 'table' THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13', HINT = 'Make the script anew, against this database.',
            MESSAGE = table_name || ' is not the table, or not as it was, for which this was made';
    ELSIF changed = 'log_owner' THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13',
            MESSAGE = format('the audit trail of %s is not as it was when this was made: %s', table_name, changed),
            HINT = format('The log belongs to %s, and belonged to %s then: make the script anew, against this database.',
                          state ->> 'log_owner', expected ->> 'log_owner');
    ELSIF changed IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13',
            MESSAGE = format('the audit trail of %s is not as it was when this was made: %s', table_name, changed),
            HINT = 'It may have been run already, or somebody installed meanwhile. See `pgaudit-py status`, and make the script anew.';
    END IF;
END
$function$;
