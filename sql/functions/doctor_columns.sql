-- Find columns of the log that are not as migrations made them: of another type, gone, without their default; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_columns() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH seen AS (
        SELECT w.name, w.type, w.value, a.attnum, format_type(a.atttypid, a.atttypmod) AS found_type,
               regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^[0-9]+$', '1') AS found_value
        FROM pgaudit_py.log_columns() AS w
        LEFT JOIN pg_attribute AS a ON a.attrelid = 'pgaudit_py.activity_log'::regclass AND a.attname = w.name AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    ), view AS (
        -- It stands in the way of whoever changes a type, and functions of ours stand behind it.
        SELECT format('CREATE VIEW %1$s WITH (security_invoker = true) AS %2$s ALTER VIEW %1$s OWNER TO %3$I;%4$s',
            c.oid::regclass, pg_get_viewdef(c.oid, true), pg_get_userbyid(c.relowner),
            (SELECT string_agg(format(' GRANT %s ON %s TO %s;', a.privilege_type, c.oid::regclass,
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END), '')
             FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner)) AS anew
        FROM pg_class AS c WHERE c.oid = to_regclass('pgaudit_py.versions')
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s is gone, and writes fail', seen.name),
        format('Run `ALTER TABLE pgaudit_py.activity_log ADD COLUMN %I %s%s`.', seen.name, seen.type, ' DEFAULT ' || seen.value)
    FROM seen WHERE seen.attnum IS NULL
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s is of type %s, not %s', seen.name, seen.found_type, seen.type),
        format('Run `DROP VIEW IF EXISTS pgaudit_py.versions CASCADE; ALTER TABLE pgaudit_py.activity_log ALTER COLUMN %1$I TYPE %2$s USING %1$I::%2$s; %3$s`, '
            'which writes the log anew, and lets nobody write meanwhile; then `pgaudit-py migrate`.', seen.name, seen.type, view.anew)
    FROM seen LEFT JOIN view ON true WHERE seen.found_type <> seen.type
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s has the default %s, not %s', seen.name, coalesce(seen.found_value, 'NULL'), coalesce(seen.value, 'NULL')),
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN %I %s`.', seen.name, coalesce('SET DEFAULT ' || seen.value, 'DROP DEFAULT'))
    FROM seen WHERE seen.attnum IS NOT NULL AND seen.value IS DISTINCT FROM seen.found_value
    UNION ALL
    SELECT 'wrong', c.oid::regclass::text, 'it reads the log with the rights of its owner, for whoever may read it',
        format('Run `ALTER VIEW %s SET (security_invoker = true)`.', c.oid::regclass)
    FROM pg_class AS c
    WHERE c.oid = to_regclass('pgaudit_py.versions')
        AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)
$function$;
