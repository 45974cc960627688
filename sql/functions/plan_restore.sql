-- Work out what restoring a record would do; nothing is written.
--
-- Arguments: subject_type; the key the record bears now, NULL where it is gone; the state to go back to, NULL for not
-- being there, with the columns it was written under and those the log does not tell, as state_at() gives them.
-- Result: operation: insert, update, delete, or none; wanted: what would be written, by the names columns have now, and
-- a generated key; columns: those that would be written; current: the row as it is; changes between both; left_out: {"column": "reason"}; conflict: what stands in the way, NULL
-- for nothing; proof: a digest of the row as it is, by which a later change is noticed.
-- Errors: PGA08 where the table is gone, PGA04 where it has no key.
CREATE OR REPLACE FUNCTION pgaudit_py.plan_restore(
    subject_type text, current_id text, target jsonb, target_columns jsonb, unknown jsonb,
    OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb,
    OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    present jsonb := pgaudit_py.watched_columns(relation);
    column_of record;
    wanted_id text;
    cannot text;
BEGIN
    SELECT t.schema_name, t.table_name, pgaudit_py.key_of(relation) INTO schema_name, table_name, key FROM pgaudit_py.inspect_table(relation) AS t;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the table of % is no longer audited, or gone', quote_ident(subject_type)
            USING ERRCODE = 'PGA08', HINT = 'Install auditing on it; its history is kept.';
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    END IF;
    current := pgaudit_py.live_row(relation, current_id);
    left_out := '{}';
    columns := '{}';
    IF target IS NOT NULL THEN
        wanted := '{}';
        FOR column_of IN
            SELECT was.name AS old_name, now_is.name, now_is.description, was.description || now_is.description AS both_say, r.recoded, r.fits
            FROM jsonb_each(target_columns) AS was(name, description)
            FULL JOIN jsonb_each(present) AS now_is(name, description)
                ON was.description -> 'attnum' = now_is.description -> 'attnum'
            CROSS JOIN LATERAL pgaudit_py.recoded(target -> was.name, was.description, now_is.description) AS r
        LOOP
            IF column_of.name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.old_name, 'dropped since');
            ELSIF (column_of.description ->> 'generated')::boolean THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'generated');
                IF column_of.name = ANY (key) AND target ? column_of.old_name THEN
                    wanted := wanted || jsonb_build_object(column_of.name, target -> column_of.old_name);
                END IF;
            ELSIF column_of.old_name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'added since');
            ELSIF column_of.both_say ? 'excluded' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'excluded from the audit trail');
            ELSIF column_of.both_say ? 'redacted' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'redacted');
            ELSIF column_of.both_say ? 'paths' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'redacted in part');
            ELSIF unknown ? column_of.old_name THEN
                left_out := left_out || jsonb_build_object(column_of.name, coalesce(
                    'too large to be kept: ' || (unknown -> column_of.old_name ->> 'bytes') || ' bytes', 'not recorded'));
            ELSIF NOT column_of.fits THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'of another type since, which it does not fit');
            ELSE
                columns := columns || column_of.name::text;
                IF column_of.recoded IS NOT NULL THEN
                    wanted := wanted || jsonb_build_object(column_of.name, column_of.recoded);
                END IF;
            END IF;
        END LOOP;
        changes := pgaudit_py.diff_states(
            current - ARRAY(SELECT jsonb_object_keys(left_out)), wanted - ARRAY(SELECT jsonb_object_keys(left_out)));
        IF wanted ?& key THEN
            wanted_id := pgaudit_py.subject_id(
                subject_type, ARRAY(SELECT wanted ->> k.name FROM unnest(key) WITH ORDINALITY AS k(name, position)
                                    ORDER BY k.position));
        END IF;
    END IF;
    operation := CASE
        WHEN target IS NULL AND current IS NULL THEN 'none'
        WHEN target IS NULL THEN 'delete'
        WHEN current IS NULL THEN 'insert'
        WHEN changes IS NULL THEN 'none'
        ELSE 'update' END;
    IF wanted_id IS DISTINCT FROM current_id AND pgaudit_py.live_row(relation, wanted_id) IS NOT NULL THEN
        conflict := format('the key %s is taken by another record', wanted_id);
    END IF;
    IF operation = 'insert' THEN
        SELECT format('%s was not recorded, and may not be NULL', string_agg(a.attname, ', ' ORDER BY a.attnum)) INTO cannot
        FROM pg_attribute AS a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef
            AND a.attidentity = '' AND left_out ? a.attname::text
        HAVING count(*) > 0;
        conflict := coalesce(conflict, cannot);
    ELSE
        columns := ARRAY(SELECT jsonb_object_keys(changes) WHERE operation = 'update');
    END IF;
    proof := md5(concat(relation, '|', coalesce(current::text, 'none')));
END
$function$;
