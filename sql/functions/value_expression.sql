-- Give the SQL expression that writes a value as it goes into the log.
--
-- Arguments: an encoding of encoding_of(), and the value as an SQL expression, quoted by the caller.
-- The capture templates render the same expressions; a test compares both for every type.
CREATE OR REPLACE FUNCTION pgaudit_py.value_expression(encoding text, value text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE encoding
        WHEN 'float' THEN format(
            $$CASE WHEN %1$s = 0 AND format('%%s', %1$s) = '-0' THEN '"-0"'::jsonb ELSE to_jsonb(%1$s) END$$, value)
        WHEN 'text' THEN format($$to_jsonb(CASE WHEN num_nulls(%1$s) = 0 THEN format('%%s', %1$s) END)$$, value)
        WHEN 'jsonb' THEN format('(%s)::jsonb', value)
        ELSE format('to_jsonb(%s)', value)
    END
$function$;
