-- Rebuild a record as it was at a time, as record_at() gives it, with the columns it had then.
--
-- Result: see record_at() and version_at(); base, an activity of the record, NULL where the log has none.
-- Errors: see record_at().
CREATE OR REPLACE FUNCTION pgaudit_py.record_state_at(
    subject_type text, subject_id text, at timestamptz, OUT state jsonb, OUT columns jsonb, OUT unknown text[], OUT base bigint
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    began timestamptz := (SELECT min(t.installed_at) FROM pgaudit_py.tracked_table AS t
                          WHERE t.subject_type = record_state_at.subject_type);
    here record;
    life record;
    relation oid;
BEGIN
    IF began IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF at < began THEN
        RAISE EXCEPTION 'the audit trail of % begins at %, after %', quote_ident(subject_type), began, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a later time.';
    END IF;
    here := pgaudit_py.resident_at(subject_type, subject_id, at);
    IF NOT here.known THEN
        -- Nothing happened since the trail began: it is what it was.
        relation := pgaudit_py.live_table(subject_type);
        state := pgaudit_py.live_row(relation, subject_id);
        columns := pgaudit_py.watched_columns(relation);
        IF state IS NULL THEN
            RAISE EXCEPTION 'neither the log nor the table knows % %', quote_ident(subject_type), quote_literal(subject_id)
                USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
        END IF;
    ELSIF here.id IS NOT NULL THEN
        base := here.id;
        SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
               max(l.ordinal) FILTER (WHERE l.id = here.id) AS position
        INTO life FROM pgaudit_py.life(here.id) AS l;
        SELECT s.state, s.columns, s.unknown INTO state, columns, unknown
        FROM pgaudit_py.state_at(life.ids, life.times, life.position - CASE WHEN here.happened THEN 0 ELSE 1 END) AS s;
    END IF;
END
$function$;
