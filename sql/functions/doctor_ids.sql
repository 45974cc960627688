-- Find what would lose the order of the log, or end it: its ids, and the ids of transactions; see doctor().
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_ids() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH newest AS (
        SELECT l.id, l.transaction_id, l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1
    ), counter AS (
        SELECT s.*, s.seqrelid::regclass::text AS name, has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AS visible,
               coalesce(v.last_value, 0) AS last_value
        FROM pg_sequence AS s
        JOIN pg_class AS c ON c.oid = s.seqrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_sequences AS v ON (v.schemaname, v.sequencename) = (n.nspname, c.relname)
        WHERE s.seqrelid = pg_get_serial_sequence('pgaudit_py.activity_log', 'id')::regclass
    ), age AS (
        -- A transaction that looks at what it wrote itself is beyond those that have ended.
        SELECT newest.transaction_id, newest.epoch,
               greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_xact_id_if_assigned()::text::bigint + 1) AS next,
               (SELECT pg_get_expr(d.adbin, d.adrelid)
                FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE d.adrelid = 'pgaudit_py.activity_log'::regclass AND a.attname = 'epoch') AS present
        FROM newest
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', 'its ids are given by nothing: writes of audited tables fail',
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START %s CACHE 1)`.',
            coalesce((SELECT newest.id + 1 FROM newest), 1))
    WHERE NOT EXISTS (SELECT FROM counter)
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its ids are cached by %s: the order of one row''s changes is lost', counter.seqcache),
        'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET CACHE 1`, and end older sessions.'
    FROM counter WHERE counter.seqcache > 1
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'its ids do not only grow: the order of changes is lost',
        'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET INCREMENT 1 SET NO CYCLE`.'
    FROM counter WHERE counter.seqcycle OR counter.seqincrement < 1
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its ids end at %s, and writes of audited tables with them; they are at %s', counter.seqmax, used.id),
        CASE WHEN counter.seqtypid = 'bigint'::regtype THEN 'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET NO MAXVALUE`.'
             ELSE format('Run `ALTER SEQUENCE %s AS bigint NO MAXVALUE`.', counter.name) END
    FROM counter CROSS JOIN LATERAL (SELECT greatest(counter.last_value, (SELECT newest.id FROM newest)) AS id) AS used
    WHERE counter.seqmax < 9223372036854775807
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its next ids were given already: the newest is %s, and the next would be %s', newest.id, counter.last_value + 1),
        format('Run `SELECT setval(%L, max(id)) FROM pgaudit_py.activity_log`.', counter.name)
    FROM counter, newest WHERE counter.visible AND counter.last_value < newest.id
    UNION ALL
    SELECT 'limited', 'pgaudit_py.activity_log', format('%s may not see which id comes next', current_user),
        format('Run `GRANT SELECT ON SEQUENCE %s TO %I`, as the owner of the schema.', counter.name, current_user)
    FROM counter WHERE NOT counter.visible
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log',
        format('its newest transaction is %s, and this cluster is at %s: it came by a dump from an older one. Who follows the log waits for that number', age.transaction_id, age.next),
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN epoch SET DEFAULT %s`: what is written from then on is another epoch.', age.epoch + 1)
    FROM age
    WHERE age.transaction_id >= age.next AND CASE WHEN age.present ~ '^[0-9]+$' THEN age.present::integer <= age.epoch END
$function$;
