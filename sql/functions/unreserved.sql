-- Take leading underscores off the names in somebody's metadata: those names are the library's.
--
-- Result: an object in which nothing got lost: a name that is taken then gets underscores at its end. NULL for NULL.
CREATE OR REPLACE FUNCTION pgaudit_py.unreserved(metadata jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT jsonb_object_agg(named.name || repeat('_', named.namesakes), named.value)
    FROM (SELECT stripped.name, entry.value, row_number() OVER (
              PARTITION BY stripped.name ORDER BY entry.key <> stripped.name, entry.key
          )::int - 1 AS namesakes
          FROM jsonb_each(metadata) AS entry
          CROSS JOIN coalesce(nullif(ltrim(entry.key, '_'), ''), 'unnamed') AS stripped(name)
    ) AS named
$function$;
