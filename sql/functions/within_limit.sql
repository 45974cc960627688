-- Take out of a state what is too large for the log.
--
-- Too large is a value whose text has more bytes than the limit; of a jsonb column, one that takes more bytes as the server holds it
-- in memory, where nothing is compressed.
-- Arguments: columns as table_columns() gives them; the state, not one that is stored; the limit in bytes, NULL for none.
-- Result: kept, the rest of the state; omitted: {"body": {"why": "size", "bytes": 9000000, "sha256": "..."}}, see digest_of(); NULL
-- where all is kept, which costs a look at the state's length.
CREATE OR REPLACE FUNCTION pgaudit_py.within_limit(columns jsonb, state jsonb, value_limit bigint, OUT kept jsonb, OUT omitted jsonb)
LANGUAGE plpgsql STABLE AS $function$
BEGIN
    IF (pg_column_size(state) > value_limit) IS NOT TRUE THEN
        kept := state;
        RETURN;
    END IF;
    SELECT coalesce(jsonb_object_agg(f.name, f.value) FILTER (WHERE NOT f.large), '{}'),
           jsonb_object_agg(f.name, '{"why": "size"}' || pgaudit_py.digest_of(
               CASE WHEN columns -> f.name ->> 'encoding' = 'jsonb' THEN f.value::text ELSE f.value #>> '{}' END)) FILTER (WHERE f.large)
    INTO kept, omitted
    -- 12 bytes are what a jsonb has besides its text.
    FROM (SELECT e.key AS name, e.value, pg_column_size(e.value) - 12 > value_limit AS large FROM jsonb_each(state) AS e) AS f;
END
$function$;
