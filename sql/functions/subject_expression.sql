-- Give the SQL expression that writes a row's key as activity_log.subject_id has it; see subject_of().
--
-- Arguments: the key's columns in order, one at least; the row as an SQL expression that takes ".column".
CREATE OR REPLACE FUNCTION pgaudit_py.subject_expression(key text[], source text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT format(CASE count(*) WHEN 1 THEN '%s' ELSE 'jsonb_build_array(%s)::text' END,
        string_agg(format('format(''%%s'', %s.%I)', source, k.name), ', ' ORDER BY k.position))
    FROM unnest(key) WITH ORDINALITY AS k(name, position)
$function$;
