-- Rebuild a version: the state of a record after one of its activities; of a deletion, the row that went away.
--
-- Arguments: the activity's id.
-- Result: state, with columns as they were called then; columns as table_columns() gave them then; unknown: the
-- columns whose value the log does not tell, see state_at(); NULL where it tells all.
-- Errors: PGA05 where the id is no version; PGA04 where it is one of a table without a key, and not stored.
CREATE OR REPLACE FUNCTION pgaudit_py.version_at(
    activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    found_activity record;
    life record;
    rebuilt record;
BEGIN
    SELECT l.operation, l.subject_id, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
    INTO found_activity FROM pgaudit_py.activity_log AS l
    WHERE l.id = activity_id AND l.operation IN ('I', 'U', 'D', 'S');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no version %', activity_id
            USING ERRCODE = 'PGA05', HINT = 'List a record''s versions: pgaudit-py versions TABLE KEY.';
    END IF;
    columns := found_activity.columns;
    IF found_activity.snapshot IS NOT NULL AND found_activity.omitted IS NULL THEN
        state := found_activity.snapshot;
        RETURN;
    END IF;
    IF found_activity.subject_id IS NULL THEN
        RAISE EXCEPTION 'version % is one of a table without a key and was not stored', activity_id
            USING ERRCODE = 'PGA04', HINT = 'Give the table a primary key and install auditing again.';
    END IF;
    SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
           max(l.ordinal) FILTER (WHERE l.id = activity_id) AS position
    INTO life FROM pgaudit_py.life(activity_id) AS l;
    rebuilt := pgaudit_py.state_at(
        life.ids, life.times, life.position - CASE found_activity.operation WHEN 'D' THEN 1 ELSE 0 END);
    state := rebuilt.state;
    unknown := rebuilt.unknown;
END
$function$;
