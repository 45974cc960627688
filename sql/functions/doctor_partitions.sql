-- Find months that have no partition of the log, and tables that look like one and are none; see doctor().
--
-- Months in UTC, this one and the next. Rows that went to the default partition stay there: for their month none is made.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_partitions() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off SET "TimeZone" = 'UTC' AS $function$
    WITH month AS (
        SELECT to_char(m.starts, 'YYYY-MM') AS name, format('pgaudit_py.activity_log_%s', to_char(m.starts, 'YYYY_MM')) AS relation,
               m.starts, m.starts + '1 month'::interval AS ends
        FROM generate_series(date_trunc('month', now()), date_trunc('month', now()) + '1 month'::interval, '1 month') AS m(starts)
    ), part AS (
        -- No bound is MINVALUE, or MAXVALUE.
        SELECT l.oid, coalesce(substring(e.bound FROM $$FROM \('(.*)'\) TO$$)::timestamptz, '-infinity') AS starts,
               coalesce(substring(e.bound FROM $$TO \('(.*)'\)$$)::timestamptz, 'infinity') AS ends, e.bound = 'DEFAULT' AS is_default
        FROM pgaudit_py.log_tables() AS l
        JOIN pg_class AS c ON c.oid = l.oid
        CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS e
        WHERE NOT l.is_root
    ), loose AS (
        SELECT c.oid::regclass::text AS name, to_date(substring(c.relname FROM '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM')::timestamptz AS starts,
               c.relname = 'activity_log_default' AS is_default
        FROM pg_class AS c
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^activity_log_(default|[12][0-9]{3}_(0[1-9]|1[0-2]))$'
            AND c.oid NOT IN (SELECT part.oid FROM part)
    ), missing AS (
        SELECT month.*, EXISTS (
            SELECT FROM pgaudit_py.activity_log AS a WHERE a.created_at >= month.starts AND a.created_at < month.ends) AS begun
        FROM month
        WHERE to_regclass(month.relation) IS NULL AND EXISTS (
            -- Its first moment or its last: somebody may have made weeks, or quarters.
            SELECT FROM unnest(ARRAY[month.starts, month.ends - '1 microsecond'::interval]) AS moment
            WHERE NOT EXISTS (
                SELECT FROM part WHERE moment >= part.starts AND moment < part.ends AND NOT part.is_default))
    )
    SELECT CASE WHEN missing.begun THEN 'note' ELSE 'wrong' END, 'pgaudit_py.activity_log',
        format(CASE WHEN missing.begun THEN 'what is recorded in %s lies in the default partition, and stays there'
                    ELSE 'it has no partition for %s: its rows go to the default one' END, missing.name),
        CASE WHEN missing.begun THEN 'Run `pgaudit-py migrate` each month, before it begins.' ELSE 'Run `pgaudit-py migrate`, each month.' END
    FROM missing
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'it has no default partition: writes fail once a month has none',
        format('Run `CREATE TABLE pgaudit_py.activity_log_default PARTITION OF pgaudit_py.activity_log DEFAULT; ALTER TABLE pgaudit_py.activity_log_default '
            'OWNER TO %I`, then `pgaudit-py migrate`.', pg_get_userbyid(c.relowner))
    FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
    WHERE p.partrelid = 'pgaudit_py.activity_log'::regclass AND p.partdefid = 0 AND NOT EXISTS (SELECT FROM loose WHERE loose.is_default)
    UNION ALL
    SELECT CASE WHEN loose.is_default OR loose.starts >= date_trunc('month', now()) THEN 'wrong' ELSE 'note' END, loose.name,
        'it is no partition of the log any more: what it holds is not read, and nothing goes there',
        format('%s `ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION %s %s`.',
            CASE WHEN loose.is_default OR loose.starts >= date_trunc('month', now()) THEN 'Run' ELSE 'Where it is to be read, run' END, loose.name,
            CASE WHEN loose.is_default THEN 'DEFAULT'
                 ELSE format('FOR VALUES FROM (%L) TO (%L)', loose.starts, loose.starts + '1 month'::interval) END)
    FROM loose
$function$;
