-- Take a subject_id apart into the texts of its key's columns.
--
-- Arguments: subject_id; the number of the key's columns.
-- Errors: PGA11 where a composite key is not an array of as many texts.
CREATE OR REPLACE FUNCTION pgaudit_py.key_values(subject_id text, width integer) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    parts text[];
BEGIN
    IF width = 1 THEN
        RETURN ARRAY[subject_id];
    END IF;
    BEGIN
        SELECT array_agg(e.value ORDER BY e.position) INTO parts
        FROM jsonb_array_elements_text(subject_id::jsonb) WITH ORDINALITY AS e(value, position);
    EXCEPTION WHEN data_exception THEN
        parts := NULL;
    END;
    IF cardinality(parts) IS DISTINCT FROM width THEN
        RAISE EXCEPTION 'the key % is not one of % columns', left(quote_literal(subject_id), 100), width
            USING ERRCODE = 'PGA11', HINT = 'Write a composite key as the log does: ["7", "de"].';
    END IF;
    RETURN parts;
END
$function$;
