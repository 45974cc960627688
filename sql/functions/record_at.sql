-- Give a record as it was at a time: SELECT pgaudit_py.record_at('posts', '1', '2026-11-01').
--
-- Result: the state of the record that bore this key then, with columns as they were called then; NULL where there was
-- none. A transaction counts once all of its changes are made.
-- Errors: PGA05 where the time lies before the table's audit trail; PGA03 where the table has none; PGA06 where neither
-- log nor table know the key.
CREATE OR REPLACE FUNCTION pgaudit_py.record_at(subject_type text, subject_id text, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT s.state FROM pgaudit_py.record_state_at(subject_type, subject_id, at) AS s
$function$;
