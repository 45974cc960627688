-- Sum up what a capture function was rendered for: number, name, type and collation of every column of a table, whether
-- it comes from a parent, which has another place in a dump, and what a generated one is made from.
--
-- Result: 32 hexadecimal digits; NULL where there is no such table. What is the system's goes in by number, which is
-- fast; the rest by name, because its numbers do not survive a dump.
CREATE OR REPLACE FUNCTION pgaudit_py.fingerprint(relation oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT md5(string_agg(
        CASE WHEN attinhcount = 0 THEN '' ELSE 'inherited ' END || format('%s %s %s %L', attnum,
               CASE WHEN atttypid < 16384 THEN atttypid::text ELSE atttypid::regtype::text END,
               CASE WHEN attcollation < 16384 THEN attcollation::text ELSE attcollation::regcollation::text END, attname)
            || CASE WHEN attgenerated = '' THEN '' ELSE (
                SELECT coalesce(string_agg(format(' %L', s.name), '' ORDER BY s.name), ' ') FROM pgaudit_py.sources_of(attrelid, attnum) AS s) END,
        E'\n' ORDER BY attnum))
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
$function$;
