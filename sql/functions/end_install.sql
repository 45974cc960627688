-- Record what an install put right, and let the event trigger, where there is one, watch the table again; see begin_install().
CREATE OR REPLACE FUNCTION pgaudit_py.end_install(tracked_id integer, relation oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    UPDATE pgaudit_py.tracked_table AS k SET installing = NULL WHERE k.id = tracked_id;
    PERFORM pgaudit_py.record_alteration(tracked_id, relation, true);
END
$function$;
