-- Say up to how many bytes of a value are kept in the log.
--
-- Arguments: the shape that a capture function was rendered for, as capture_N_shape() gives it; 0.1.0 knew no limit, and what it
-- rendered has that of the first install.
CREATE OR REPLACE FUNCTION pgaudit_py.value_limit(shape jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce((shape -> 'value_limit')::bigint, 8388608)
$function$;
