-- Name the session settings that the written form of a type's values depends on: what a capture function has to pin.
--
-- Arguments: the type; as_text: whether its values are written by its output function, not as JSON.
-- Result: names of settings. Of a type that is not known to be independent of them: all that any type heeds.
CREATE OR REPLACE FUNCTION pgaudit_py.settings_of(type oid, as_text boolean) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN t.typtype = 'e' OR t.oid IN (
            'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
            'text'::regtype, 'character varying'::regtype, 'character'::regtype, 'name'::regtype, 'uuid'::regtype,
            'json'::regtype, 'jsonb'::regtype, 'inet'::regtype, 'cidr'::regtype,
            -- arrays of such
            'boolean[]'::regtype, 'smallint[]'::regtype, 'integer[]'::regtype, 'bigint[]'::regtype,
            'numeric[]'::regtype, 'text[]'::regtype, 'character varying[]'::regtype, 'uuid[]'::regtype
        ) THEN '{}'
        WHEN t.oid IN ('real'::regtype, 'double precision'::regtype) THEN '{extra_float_digits}'
        WHEN t.oid = 'bytea'::regtype THEN '{bytea_output}'
        -- As JSON, times have one form whatever the DateStyle.
        WHEN t.oid IN ('date'::regtype, 'time'::regtype, 'timestamp'::regtype) AND NOT as_text THEN '{}'
        WHEN t.oid = 'timestamptz'::regtype AND NOT as_text THEN '{TimeZone}'
        ELSE '{DateStyle,IntervalStyle,TimeZone,bytea_output,extra_float_digits,lc_monetary,quote_all_identifiers}'
    END::text[]
    FROM pg_type AS t WHERE t.oid = pgaudit_py.base_type(type)
$function$;
