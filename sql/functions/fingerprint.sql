-- Sum up what a capture function was rendered for: number, name and type of every column of a table.
--
-- Result: 32 hexadecimal digits; NULL where there is no such table. Types of the system go in by number, which is
-- fast; others by name, because their numbers do not survive a dump.
CREATE OR REPLACE FUNCTION pgaudit_py.fingerprint(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT md5(string_agg(
        format('%s %s %s', attnum,
               CASE WHEN atttypid < 16384 THEN atttypid::text ELSE atttypid::regtype::text END, attname),
        E'\n' ORDER BY attnum))
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
$function$;
