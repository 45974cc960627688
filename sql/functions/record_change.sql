-- Record a change that the capture function of its table could not: by the catalog, whatever the table looks like by now.
--
-- The slow way, taken for a table that was altered since, until it is installed anew; for values that may be too large for the
-- log; for settings that hold garbage. What is too large, or cannot be read, is named in omitted: of an update, the side that is not
-- in changes, as it is itself for the new one, under old for the other. One that was too large before, too, and did not change, is
-- in omitted alone, since the row is incomplete.
-- Arguments: the table, or a partition of it; TG_OP; OLD and NEW as the trigger has them (NULL where it has none) with their addresses; what the
-- records are called; the shape that the function was rendered for, as capture_N_shape() gives it: id, relation, cluster,
-- columns, key (their names), fingerprint and value_limit. It comes with the function, not from table_shape, which an old snapshot may
-- not show.
-- The whole row is kept on updates too. Where the table was altered, metadata._drift has its columns as they are now,
-- since no table_shape tells them. A key of more than 2000 bytes is left out, and metadata._key says so.
-- Errors: those of the insert into the log, and no others.
CREATE OR REPLACE FUNCTION pgaudit_py.record_change(
    relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid,
    subject_type text, shape jsonb
) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    root CONSTANT oid := pgaudit_py.root_of(relation);  -- a partition's columns have its names, and numbers of their own
    columns CONSTANT jsonb := pgaudit_py.shape_columns(root, shape);
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    value_limit CONSTANT bigint := pgaudit_py.value_limit(shape);
    old_state jsonb;
    new_state jsonb;
    old_omitted jsonb;
    omitted jsonb;
    redacted jsonb;
    subject_id text;
    previous_subject_id text;
    changes jsonb;
    marks jsonb := CASE WHEN pgaudit_py.has_drifted(root, shape ->> 'fingerprint')
                        THEN jsonb_build_object('_drift', columns) ELSE '{}' END
        || pgaudit_py.place_of(relation, root);
BEGIN
    SELECT * INTO new_state, omitted FROM pgaudit_py.row_state(columns, new_row, value_limit) WHERE tg_op <> 'DELETE';
    SELECT * INTO old_state, old_omitted FROM pgaudit_py.row_state(columns, old_row, value_limit) WHERE tg_op <> 'INSERT';
    subject_id := pgaudit_py.subject_of(columns, key, CASE WHEN tg_op = 'DELETE' THEN old_row ELSE new_row END);
    IF tg_op = 'UPDATE' THEN
        SELECT d.changes, d.omitted INTO changes, omitted
        FROM pgaudit_py.diff_incomplete(columns, old_state, old_omitted, new_state, omitted) AS d;
        redacted := pgaudit_py.redacted_changes(columns, old_row, new_row);
        IF changes = '{}' AND redacted IS NULL AND NOT coalesce(omitted @? '$.* ? (@.why == "error")', false) THEN
            RETURN;
        END IF;
        previous_subject_id := nullif(pgaudit_py.subject_of(columns, key, old_row), subject_id);
    ELSE
        omitted := coalesce(omitted, old_omitted);
        redacted := pgaudit_py.redacted_of(columns);
    END IF;
    omitted := nullif(coalesce(omitted, '{}') || coalesce(redacted, '{}'), '{}');
    IF octet_length(subject_id) > 2000 OR octet_length(previous_subject_id) > 2000 THEN
        -- No index of the log could hold it: the record has no name there, but its rows are kept.
        subject_id := CASE WHEN octet_length(subject_id) <= 2000 THEN subject_id END;
        previous_subject_id := CASE WHEN octet_length(previous_subject_id) <= 2000 THEN previous_subject_id END;
        marks := marks || '{"_key": "too long"}';
    END IF;
    PERFORM pgaudit_py.write_activity(
        left(tg_op, 1)::"char", subject_type, subject_id, previous_subject_id, old_tid, new_tid, changes,
        coalesce(new_state, old_state), omitted, CASE WHEN NOT marks ? '_drift' THEN (shape -> 'id')::integer END, nullif(marks, '{}'));
END
$function$;
