-- Make a row of a table out of a state: SELECT * FROM pgaudit_py.decode_row(NULL::posts, state).
--
-- Arguments: the row type; the state, by the names that the table's columns have now.
-- Result: the row; columns that the state lacks are NULL. Values are read under the settings that they were written
-- under, whatever the session's own are, and cast without a length, so that one which no longer fits is refused where it is stored, not cut here.
-- Errors: those of the types' input functions; PGA11 where the first argument is of no table's row type.
CREATE OR REPLACE FUNCTION pgaudit_py.decode_row(INOUT row_type anyelement, state jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off
SET array_nulls = on SET xmloption = content AS $function$
DECLARE
    fields text;
BEGIN
    SELECT string_agg(
        CASE WHEN pgaudit_py.encoding_of(a.atttypid) = 'jsonb' AND a.atttypid = 'jsonb'::regtype
             THEN format('$1 -> %L', a.attname)
             WHEN pgaudit_py.encoding_of(a.atttypid) = 'jsonb'
             THEN format('($1 -> %L)::%s', a.attname, format_type(a.atttypid, -1))
             -- A literal goes to the type's input function; a cast from text may be one that the type's owner made.
             ELSE format('%L::%s', state ->> a.attname, format_type(a.atttypid, -1)) END, ', ' ORDER BY a.attnum)
    INTO fields
    FROM pg_type AS t JOIN pg_attribute AS a ON a.attrelid = t.typrelid
    WHERE t.oid = pg_typeof(row_type) AND a.attnum > 0 AND NOT a.attisdropped;
    IF fields IS NULL THEN
        RAISE EXCEPTION '% is no table''s row type', pg_typeof(row_type)
            USING ERRCODE = 'PGA11', HINT = 'Give NULL::posts for table posts.';
    END IF;
    EXECUTE 'SELECT ' || fields INTO row_type USING state;
END
$function$;
