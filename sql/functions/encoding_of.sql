-- Say how the values of a type are written into the log.
--
-- Result: 'json'  the type's JSON form is exact; 'float' the same, but for -0; 'jsonb' JSON itself, where SQL NULL is an
-- absent key; 'text' the type's output function, for everything else. A domain is written as its base type.
CREATE OR REPLACE FUNCTION pgaudit_py.encoding_of(type oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE
        WHEN oid = 'jsonb'::regtype THEN 'jsonb'
        WHEN oid IN ('real'::regtype, 'double precision'::regtype) THEN 'float'
        WHEN oid IN (
            'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
            'text'::regtype, 'character varying'::regtype, 'character'::regtype, 'name'::regtype, 'uuid'::regtype,
            'date'::regtype, 'time'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype
        ) THEN 'json'
        ELSE 'text'
    END
    FROM pgaudit_py.base_type(type) AS base(oid)
$function$;
