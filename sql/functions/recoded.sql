-- Write a value as a column takes it now that has got another type since: into jsonb, or out of it.
--
-- SQL NULL is null for most types, and an absent member for jsonb, where null is a value. A document of json or text is in
-- the log as a string, and would come back as one.
-- Arguments: the value as the log has it, NULL for an absent member; the column's description then, and now.
-- Result: the value as the log would write it now, NULL for an absent member; fits: false where it is no JSON and would have to be.
CREATE OR REPLACE FUNCTION pgaudit_py.recoded(value jsonb, was jsonb, now_is jsonb, OUT recoded jsonb, OUT fits boolean)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    came_from_jsonb CONSTANT boolean := was ->> 'encoding' = 'jsonb';
    goes_to_jsonb CONSTANT boolean := now_is ->> 'encoding' = 'jsonb';
BEGIN
    fits := true;
    recoded := value;
    IF came_from_jsonb AND NOT goes_to_jsonb THEN
        recoded := coalesce(to_jsonb(value::text), 'null');
    ELSIF goes_to_jsonb AND NOT came_from_jsonb THEN
        recoded := CASE jsonb_typeof(value) WHEN 'null' THEN NULL WHEN 'string' THEN (value #>> '{}')::jsonb ELSE value END;
    END IF;
EXCEPTION WHEN data_exception THEN
    recoded := NULL;
    fits := false;
END
$function$;
