-- Name a row by its key, as activity_log.subject_id has it.
--
-- Arguments: columns as table_columns() gives them; the numbers of the key's columns, in the key's order; the row.
-- Result: the key as text; of several columns, jsonb's text of an array of their texts; NULL where the table has no
-- key, or where a column of it is gone. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.subject_of(columns jsonb, key bigint[], source record) RETURNS text
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    part text;
    parts text[];
BEGIN
    SELECT array_agg(format('format(''%%s'', ($1).%I)', c.name) ORDER BY array_position(key, (c.description ->> 'attnum')::bigint))
    INTO parts
    FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::bigint = ANY (key);
    IF key = '{}' OR cardinality(parts) IS DISTINCT FROM cardinality(key) THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT ' || CASE cardinality(parts)
        WHEN 1 THEN parts[1] ELSE format('jsonb_build_array(%s)::text', array_to_string(parts, ', ')) END
        INTO STRICT part USING source;
    RETURN part;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$function$;
