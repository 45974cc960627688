-- Record that a table, or one partition of it, is about to lose all of its rows.
--
-- Up to a limit every row becomes a deletion of its own, which can be restored; above, or where the rows cannot be read, a
-- WARNING says that they are not kept. Counting stops at the limit: TRUNCATE is fast because it reads nothing. Then comes
-- the truncation itself, with the number of rows as far as it is known. It ends every record of the table or partition: under
-- REPEATABLE READ also those that the snapshot does not show; and it parts addresses before it from those after, which are used again.
-- Arguments: the table, or a partition of it; what its records are called; the shape that its capture function was rendered for,
-- see record_change(); the limit in rows.
-- Errors: those of the insert into the log; none of reading the rows, but where the statement is cancelled.
CREATE OR REPLACE FUNCTION pgaudit_py.record_emptying(
    relation oid, subject_type text, shape jsonb, row_limit bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    row_count bigint;      -- NULL: not known
    kept boolean := false;
    why text := 'they cannot be read';
    who record;
    root CONSTANT oid := pgaudit_py.root_of(relation);
    leaf CONSTANT oid := nullif(relation, root);
    columns CONSTANT jsonb := pgaudit_py.shape_columns(root, shape);
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    marks jsonb := pgaudit_py.place_of(relation, root);
    shape_id integer := (shape -> 'id')::integer;
BEGIN
    IF pgaudit_py.has_drifted(root, shape ->> 'fingerprint') THEN
        shape_id := NULL;
        marks := marks || jsonb_build_object('_drift', columns);
    END IF;
    BEGIN
        -- A foreign table would be read with the rights of the log's owner, on a server that its owner chose.
        IF NOT row_security_active(relation) AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation AND c.relkind = 'f') THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT %s) AS counted', pgaudit_py.rows_of(relation), row_limit + 1)
                INTO row_count;
        END IF;
        IF row_count > row_limit THEN
            why := format('there are more than %s', row_limit);
        ELSIF row_count IS NOT NULL THEN
            who := pgaudit_py.context();
            INSERT INTO pgaudit_py.activity_log (
                operation, action, subject_type, subject_id, causer_type, causer_id, ip, user_agent, request_id,
                metadata, snapshot, omitted, shape_id)
            SELECT 'D', coalesce(who.action, 'deleted'), record_emptying.subject_type,
                   CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END,  -- as record_change() has it
                   who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
                   nullif(coalesce(who.metadata, '{}') || marks
                          || CASE WHEN octet_length(r.subject_id) > 2000 THEN '{"_key": "too long"}'::jsonb ELSE '{}' END, '{}'),
                   r.state, nullif(coalesce(pgaudit_py.redacted_of(columns), '{}') || coalesce(r.omitted, '{}'), '{}'), shape_id
            FROM pgaudit_py.live_rows(root, key, columns, pgaudit_py.value_limit(shape), leaf) AS r;
            kept := true;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        -- A row that cannot be read is no reason to refuse: the truncation is recorded as such. A log that takes no rows is.
        IF pgaudit_py.can_read_rows(root, key, columns, leaf) THEN
            RAISE;
        END IF;
    END;
    IF NOT kept THEN
        RAISE WARNING 'pgaudit-py: TRUNCATE of % is recorded without its rows: %', relation::regclass, why;
    END IF;
    PERFORM pgaudit_py.write_activity('T', subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        CASE WHEN kept THEN jsonb_build_object('_rows', row_count)
             WHEN row_count > row_limit THEN jsonb_build_object('_rows_over', row_limit) ELSE '{}' END
        || pgaudit_py.place_of(relation, root));
END
$function$;
