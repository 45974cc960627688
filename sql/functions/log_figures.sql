-- Measure the log without reading it through: SELECT * FROM pgaudit_py.log_figures().
--
-- Result: one row: owner, of the log; approximate_rows, as the last ANALYZE or VACUUM found it, else as the server counted, NULL where nothing is known; bytes,
-- with indexes and large values; oldest, newest: when the first and the last activity was recorded, NULL where there is none;
-- rows_per_day: how many ids were given a day, of the last seven days or since the first activity, which those that were rolled back
-- count in too; bytes_per_day, by that and the size of a row; partitions, the default one left out; partitions_end: until when there are some.
CREATE OR REPLACE FUNCTION pgaudit_py.log_figures() RETURNS TABLE (
    owner text, approximate_rows bigint, bytes bigint, oldest timestamptz, newest timestamptz, rows_per_day bigint, bytes_per_day bigint,
    partitions integer, partitions_end timestamptz
)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET "TimeZone" = 'UTC' AS $function$
    WITH part AS (
        SELECT c.oid, CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_stat_get_live_tuples(c.oid) END AS rows, pg_total_relation_size(c.oid) AS bytes,
               substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO \('(.*)'\)$$)::timestamptz AS ends
        FROM pgaudit_py.log_tables() AS l JOIN pg_class AS c ON c.oid = l.oid AND c.relkind = 'r'
    ), size AS (
        SELECT sum(part.bytes) AS bytes, nullif(sum(part.rows), 0) AS rows, count(part.ends)::integer AS partitions, max(part.ends) AS ends
        FROM part
    ), span AS (
        SELECT (SELECT min(l.created_at) FROM pgaudit_py.activity_log AS l) AS oldest, (SELECT max(l.created_at) FROM pgaudit_py.activity_log AS l) AS newest,
               (SELECT max(l.id) FROM pgaudit_py.activity_log AS l) AS last_id
    ), since AS (
        SELECT l.id, l.created_at FROM pgaudit_py.activity_log AS l WHERE l.created_at >= now() - '7 days'::interval ORDER BY l.created_at LIMIT 1
    ), pace AS (
        -- What is younger than a day says nothing about a day yet: it counts for a whole one.
        SELECT (span.last_id - since.id + 1) / greatest(extract(epoch FROM now() - since.created_at) / 86400, 1) AS rows FROM span, since
    )
    SELECT (SELECT pg_get_userbyid(c.relowner)::text FROM pg_class AS c WHERE c.oid = 'pgaudit_py.activity_log'::regclass),
        size.rows::bigint, size.bytes::bigint, span.oldest, span.newest, coalesce(pace.rows, 0)::bigint,
        (coalesce(pace.rows, 0) * size.bytes / nullif(size.rows, 0))::bigint, size.partitions, size.ends
    FROM size CROSS JOIN span LEFT JOIN pace ON true
$function$;
