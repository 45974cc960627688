-- Find what could refuse rows of the log, and so the application's writes, or alter them; see doctor().
--
-- What is inherited from the root is told once, of the root. An AFTER trigger alters no row, but its errors are the writer's.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_refusals() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT CASE WHEN t.tgtype & 2 = 0 THEN 'note' ELSE 'wrong' END, l.name,
        format('its trigger %s, which is none of ours, %s', t.tgname,
            CASE WHEN t.tgtype & 2 = 0 THEN 'fails the application''s writes where it fails' ELSE 'can refuse or alter what is recorded' END),
        format('%s `DROP TRIGGER %I ON %s`.', CASE WHEN t.tgtype & 2 = 0 THEN 'Where nobody wants it, run' ELSE 'Run' END, t.tgname, l.name)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_trigger AS t ON t.tgrelid = l.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D' AND t.tgtype & 4 <> 0
    WHERE t.tgname <> 'append_only'
    UNION ALL
    SELECT 'wrong', l.name, format('its rule %s can refuse or alter what is recorded', r.rulename), format('Run `DROP RULE %I ON %s`.', r.rulename, l.name)
    FROM pgaudit_py.log_tables() AS l JOIN pg_rewrite AS r ON r.ev_class = l.oid
    UNION ALL
    SELECT 'wrong', l.name,
        format('its %s %s can refuse what is recorded', CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'u' THEN 'unique constraint'
                                                                       ELSE 'constraint' END, k.conname),
        format('Run `ALTER TABLE %s DROP CONSTRAINT %I`.', l.name, k.conname)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_constraint AS k ON k.conrelid = l.oid AND k.contype IN ('c', 'f', 'u', 'x') AND k.conparentid = 0 AND k.coninhcount = 0
    UNION ALL
    SELECT 'wrong', l.name, format('its unique index %s can refuse what is recorded', i.indexrelid::regclass), format('Run `DROP INDEX %s`.', i.indexrelid::regclass)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_index AS i ON i.indrelid = l.oid AND i.indisunique
    WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
        AND NOT EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = i.indexrelid)
    UNION ALL
    SELECT 'wrong', l.name, format('its column %s is NOT NULL, and refuses what has no value for it', a.attname),
        format('Run `ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL`.', l.name, a.attname)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_attribute AS a ON a.attrelid = l.oid AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
    LEFT JOIN pgaudit_py.log_columns() AS w ON w.name = a.attname
    WHERE w.required IS NOT TRUE AND NOT (w.name IS NULL AND a.atthasdef)
        AND (l.is_root OR NOT EXISTS (
            SELECT FROM pg_attribute AS above
            WHERE above.attrelid = 'pgaudit_py.activity_log'::regclass AND above.attname = a.attname AND above.attnotnull))
    UNION ALL
    SELECT 'note', 'this database',
        format('event triggers run at each ALTER and CREATE, and can refuse migrate, install and sync: %s', string_agg(e.evtname, ', ' ORDER BY e.evtname)),
        format('Where one is in the way, let a superuser run `%s`, and enable it afterwards.',
            string_agg(format('ALTER EVENT TRIGGER %I DISABLE', e.evtname), '; ' ORDER BY e.evtname))
    FROM pg_event_trigger AS e
    WHERE e.evtenabled <> 'D' AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.oid = e.evtfoid AND p.pronamespace = 'pgaudit_py'::regnamespace)
    HAVING count(*) > 0
$function$;
