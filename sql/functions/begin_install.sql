-- Let the event trigger, where there is one, leave a tracked table alone that this transaction is about to install.
--
-- What comes in between, a trigger that is there and not yet enabled always, is nobody's alteration; end_install() records what is
-- left. It is a row of ours that says so, not a setting, which anybody could use to alter a table unseen.
CREATE OR REPLACE FUNCTION pgaudit_py.begin_install(tracked_id integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $function$
    UPDATE pgaudit_py.tracked_table AS k SET installing = pg_current_xact_id()::text::bigint WHERE k.id = tracked_id
$function$;
