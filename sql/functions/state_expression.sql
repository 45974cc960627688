-- Give the SQL expression that writes a whole row as it goes into the log.
--
-- Arguments: columns as watched_columns() gives them; the row as an SQL expression that takes ".column", quoted by the
-- caller. Result: an expression of type jsonb. Fields whose jsonb is SQL NULL are absent in it, and so are columns that
-- are excluded or redacted; of a jsonb the redacted paths are cut out.
-- A function takes 100 arguments, hence the batches.
CREATE OR REPLACE FUNCTION pgaudit_py.state_expression(columns jsonb, source text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH field AS (
        SELECT name, description ->> 'encoding' AS encoding,
               pgaudit_py.without_paths(
                   pgaudit_py.value_expression(description ->> 'encoding', format('%s.%I', source, name)),
                   description -> 'paths') AS value,
               (row_number() OVER (ORDER BY (description ->> 'attnum')::bigint)) / 45 AS batch
        FROM jsonb_each(columns) AS c(name, description)
        WHERE NOT description ?| '{excluded,redacted}'
    ), part AS (
        SELECT format('jsonb_build_object(%s)', string_agg(format('%L, %s', name, value), ', ')) AS expression
        FROM field WHERE encoding <> 'jsonb' GROUP BY batch
        UNION ALL
        SELECT format('CASE WHEN %s IS NULL THEN ''{}'' ELSE jsonb_build_object(%L, %s) END', value, name, value)
        FROM field WHERE encoding = 'jsonb'
    )
    SELECT coalesce(string_agg(expression, ' || '), '''{}''::jsonb') FROM part
$function$;
