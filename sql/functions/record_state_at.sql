-- Rebuild a record as it was at a time, as record_at() gives it, with the columns it had then.
--
-- Result: see record_at() and version_at(); base, an activity of the record, NULL where the log has none.
-- Errors: see record_at().
CREATE OR REPLACE FUNCTION pgaudit_py.record_state_at(
    subject_type text, subject_id text, at timestamptz, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb, OUT base bigint
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    began timestamptz;
    ended timestamptz;
    gap record;
    here record;
    life record;
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    watched record;
BEGIN
    SELECT min(t.installed_at), CASE WHEN bool_and(t.removed_at IS NOT NULL) THEN max(t.removed_at) END INTO began, ended
    FROM pgaudit_py.tracked_table AS t WHERE t.subject_type = record_state_at.subject_type;
    IF began IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF at < began THEN
        RAISE EXCEPTION 'the audit trail of % begins at %, after %', quote_ident(subject_type), began, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a later time.';
    ELSIF at >= ended THEN
        RAISE EXCEPTION 'the audit trail of % ended at %, before %', quote_ident(subject_type), ended, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for an earlier time.';
    END IF;
    SELECT s.unseen_from, s.created_at INTO gap
    FROM pgaudit_py.tracked_table AS t JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = t.id
    WHERE t.subject_type = record_state_at.subject_type AND s.unseen_from <= at AND at < s.created_at;
    IF FOUND THEN
        RAISE EXCEPTION '% was not audited from % to %', quote_ident(subject_type), gap.unseen_from, gap.created_at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a time before or after.';
    END IF;
    SELECT c.columns, c.since INTO watched FROM pgaudit_py.columns_at(subject_type, at) AS c;
    here := pgaudit_py.resident_at(subject_type, subject_id, at);
    IF NOT here.known THEN
        -- Nothing happened since the trail began: it is what it was.
        columns := coalesce(watched.columns, pgaudit_py.watched_columns(relation));
        SELECT jsonb_object_agg(t.name, live.state -> p.name) FILTER (WHERE live.state -> p.name IS NOT NULL),
               jsonb_object_agg(t.name, live.omitted -> p.name) FILTER (WHERE p.name IS NULL OR live.omitted ? p.name)
        INTO state, unknown
        FROM pgaudit_py.live_state(relation, subject_id) AS live
        CROSS JOIN jsonb_each(columns) AS t(name, description)
        LEFT JOIN jsonb_each(pgaudit_py.watched_columns(relation)) AS p(name, description)
            ON pgaudit_py.field_id(p.description) = pgaudit_py.field_id(t.description)
                AND NOT p.description || t.description ?| '{excluded,redacted}'
        WHERE live.state IS NOT NULL;
        IF state IS NULL AND pgaudit_py.live_row(relation, subject_id) IS NOT NULL THEN
            RAISE EXCEPTION 'the log does not tell what % % was at %', quote_ident(subject_type), quote_literal(subject_id), at
                USING ERRCODE = 'PGA05', HINT = 'It was not looked at for a time since, and what it is now may be another thing.';
        ELSIF state IS NULL THEN
            RAISE EXCEPTION 'neither the log nor the table knows % %', quote_ident(subject_type), quote_literal(subject_id)
                USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
        END IF;
    ELSIF here.id IS NOT NULL THEN
        base := here.id;
        SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
               max(l.ordinal) FILTER (WHERE l.id = here.id) AS position
        INTO life FROM pgaudit_py.life(here.id) AS l;
        SELECT s.state, s.columns, s.unknown INTO state, columns, unknown
        FROM pgaudit_py.state_at(life.ids, life.times, life.position - CASE WHEN here.happened THEN 0 ELSE 1 END,
            CASE WHEN NOT here.happened OR watched.since > life.times[life.position] THEN watched.columns END) AS s;
        IF state = '{}' AND unknown ?& ARRAY(SELECT jsonb_object_keys(columns)) THEN
            RAISE EXCEPTION 'the log does not tell what % % was at %', quote_ident(subject_type), quote_literal(subject_id), at
                USING ERRCODE = 'PGA05', HINT = 'Nobody looked for a time before. Ask for an earlier time, or for one after its next change.';
        END IF;
    END IF;
END
$function$;
