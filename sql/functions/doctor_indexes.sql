-- Find indexes of the log that are missing, or are not used since they are not valid; see doctor().
--
-- What counts is what is indexed: by whatever name, and by whatever method.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_indexes() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH wanted(name, what) AS (VALUES
        ('activity_log_subject', '(subject_type, subject_id, id)'),
        ('activity_log_previous', '(subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL)'),
        ('activity_log_causer', '(causer_id, id)'),
        ('activity_log_action', '(action, created_at)'),
        ('activity_log_created_at', '(created_at)'),
        ('activity_log_transaction', '(transaction_id)')
    ), there AS (
        SELECT l.name AS of, l.is_root, i.indexrelid::regclass::text AS name, i.indisprimary, i.indisvalid AND i.indisready AS usable,
               substring(pg_get_indexdef(i.indexrelid) FROM '\(.*$') AS what
        FROM pgaudit_py.log_tables() AS l JOIN pg_index AS i ON i.indrelid = l.oid
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', format('it has no index on %s: reading goes through all of it', w.what),
        format('Run `CREATE INDEX ON pgaudit_py.activity_log %s`. Writers wait for that: of a large log, make the index of each partition '
            'before, with CONCURRENTLY.', w.what)
    FROM wanted AS w WHERE NOT EXISTS (SELECT FROM there WHERE there.is_root AND there.what = w.what)
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'it has no primary key', 'Run `ALTER TABLE pgaudit_py.activity_log ADD PRIMARY KEY (id, created_at)`.'
    WHERE NOT EXISTS (SELECT FROM there WHERE there.is_root AND there.indisprimary)
    UNION ALL
    -- That of the root only stands for those of the partitions, and is valid once all of them are.
    SELECT 'wrong', there.of, format('its index %s is not valid, and not used', there.name),
        CASE WHEN there.is_root THEN format('Run `DROP INDEX %s; CREATE INDEX ON pgaudit_py.activity_log %s`. Writers wait for that.', there.name, there.what)
             ELSE format('Run `REINDEX INDEX CONCURRENTLY %s`.', there.name) END
    FROM there WHERE NOT there.usable
$function$;
