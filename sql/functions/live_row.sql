-- Read a record's row as it is in its table now; see live_state().
CREATE OR REPLACE FUNCTION pgaudit_py.live_row(relation oid, subject_id text) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT s.state FROM pgaudit_py.live_state(relation, live_row.subject_id) AS s
$function$;
