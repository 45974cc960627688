-- Look at a relation as install needs it.
--
-- Result: one row; none where there is no such relation. columns, ordered by number, is an array of name, number, type,
-- encoding, settings (that its values depend on as they are written), text_settings (as text, in a key), generated, identity, not_null, generated_from (numbers of columns), short (16 bytes at most), longest (how many bytes a value's text has at most, NULL where nobody knows), toastable (values may lie out of line), plain_equality (the type's equality is that of
-- its bytes, so IS DISTINCT FROM tells every change). key: the columns of the primary key. partitions: [[schema, name], ...], of all levels, but
-- foreign ones before PostgreSQL 16, which have no trigger for TRUNCATE; root: the
-- name of the table of which it is a partition; audited_below: that of a partition which is audited on its own; not_owned: that of one
-- which belongs to another role.
CREATE OR REPLACE FUNCTION pgaudit_py.inspect_table(relation oid) RETURNS TABLE (
    oid oid, schema_name text, table_name text, kind text, persistence text, root text, audited_below text, not_owned text,
    owner text, owned boolean, is_system boolean, definer text, fingerprint text, columns jsonb, key text[], partitions jsonb
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT
        c.oid,
        n.nspname::text AS schema_name,
        c.relname::text AS table_name,
        c.relkind::text AS kind,
        c.relpersistence::text AS persistence,
        CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::text END AS root,
        (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t
         JOIN pg_trigger AS g ON g.tgrelid = t.relid AND g.tgparentid = 0 AND g.tgtype & 1 <> 0  -- for each row
         JOIN pg_proc AS p ON p.oid = g.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
         WHERE t.level > 0) AS audited_below,
        (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS pc ON pc.oid = t.relid
         WHERE t.level > 0 AND NOT pg_has_role(pc.relowner, 'USAGE')) AS not_owned,
        pg_get_userbyid(c.relowner)::text AS owner,
        pg_has_role(c.relowner, 'USAGE') AS owned,
        n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS is_system,
        (SELECT pg_get_userbyid(l.relowner)::text FROM pg_class AS l WHERE l.oid = 'pgaudit_py.activity_log'::regclass) AS definer,
        pgaudit_py.fingerprint(c.oid) AS fingerprint,
        coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'name', a.attname,
                'number', a.attnum,
                'type', format_type(a.atttypid, -1),
                'encoding', pgaudit_py.encoding_of(a.atttypid),
                'settings', pgaudit_py.settings_of(a.atttypid, pgaudit_py.encoding_of(a.atttypid) = 'text'),
                'text_settings', pgaudit_py.settings_of(a.atttypid, true),
                'generated', a.attgenerated <> '',
                'identity', a.attidentity <> '',
                'not_null', a.attnotnull,
                'generated_from', coalesce((
                    SELECT jsonb_agg(DISTINCT d.refobjsubid)
                    FROM pg_attrdef AS e
                    JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid <> a.attnum
                    WHERE a.attgenerated <> '' AND e.adrelid = c.oid AND e.adnum = a.attnum), '[]'),
                'short', a.attlen BETWEEN 1 AND 16,
                'longest', CASE
                    WHEN a.attlen > 0 THEN a.attlen * 16
                    WHEN a.atttypid = 'numeric'::regtype THEN 147458  -- 131072 digits and 16383, a point and a sign
                    WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4 THEN (a.atttypmod - 4) * 4
                END,
                'toastable', a.attlen = -1 AND a.attstorage <> 'p',
                'plain_equality', CASE
                    WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype)
                        THEN coalesce((SELECT l.collisdeterministic FROM pg_collation AS l WHERE l.oid = a.attcollation), false)
                    ELSE a.atttypid IN (
                        'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype,
                        'bytea'::regtype, 'date'::regtype, 'time'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
                END
            ) ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
        ), '[]') AS columns,
        pgaudit_py.primary_key(c.oid) AS key,
        coalesce((
            SELECT jsonb_agg(jsonb_build_array(pn.nspname, pc.relname) ORDER BY pn.nspname, pc.relname)
            FROM pg_partition_tree(c.oid) AS t
            JOIN pg_class AS pc ON pc.oid = t.relid
            JOIN pg_namespace AS pn ON pn.oid = pc.relnamespace
            WHERE t.level > 0 AND NOT c.relispartition
                AND (pc.relkind <> 'f' OR current_setting('server_version_num')::integer >= 160000)
        ), '[]') AS partitions
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = relation
$function$;
