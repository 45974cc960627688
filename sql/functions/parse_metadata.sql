-- Turn the metadata setting into a JSON object, whatever it holds.
--
-- Result: the object; NULL for NULL; {"_invalid": "..."} with the first 512 characters of what is no JSON object or is over 8 kB.
-- Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.parse_metadata(given text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT AS $function$
BEGIN
    IF octet_length(given) <= 8192 AND jsonb_typeof(given::jsonb) = 'object' THEN
        RETURN given::jsonb - '{_after,_altered,_departed,_drift,_key,_label,_leaf,_partition,_rows,_rows_over}'::text[];  -- what only the triggers say
    END IF;
    RETURN jsonb_build_object('_invalid', left(given, 512));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('_invalid', left(given, 512));
END
$function$;
