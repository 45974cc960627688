-- Say how long a value is that is not kept, and by what a person who has it can know it again.
--
-- Arguments: the value's text, as the log would have it.
-- Result: {"bytes": 9000000, "sha256": "..."}, of the text in UTF-8; in the encoding of the database where that has
-- characters, or bytes, that UTF-8 has not.
CREATE OR REPLACE FUNCTION pgaudit_py.digest_of(value text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written bytea;
BEGIN
    BEGIN
        written := convert_to(value, 'UTF8');
    EXCEPTION WHEN OTHERS THEN
        written := convert_to(value, getdatabaseencoding());
    END;
    RETURN jsonb_build_object('bytes', octet_length(written), 'sha256', encode(sha256(written), 'hex'));
END
$function$;
