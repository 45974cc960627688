-- Sum up all that an install of a table goes by, so that a script can tell whether it still holds.
--
-- Arguments: the table's oid; the columns that tell its records apart; the id of the tracked table, with or without a line.
-- Result: table, a sum of what the catalog says of it, NULL where it is gone; key, whether an index keeps that unique; log_owner;
-- book, the line of the tracked table; shape, its last one; functions and triggers, as they are; numbers, the greatest of tables
-- and shapes. What nobody decides by, such as who owns the table, is not in it.
CREATE OR REPLACE FUNCTION pgaudit_py.install_state(relation oid, key text[], tracked_id integer) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT jsonb_build_object(
        'table', (SELECT md5((to_jsonb(t) - '{owner,owned,definer}'::text[])::text) FROM pgaudit_py.inspect_table(relation) AS t),
        'key', pgaudit_py.key_index(relation, key) IS NOT NULL,
        'log_owner', (SELECT pg_get_userbyid(l.relowner) FROM pg_class AS l WHERE l.oid = 'pgaudit_py.activity_log'::regclass),
        'book', (SELECT jsonb_build_object('subject_type', k.subject_type, 'table', ARRAY[k.schema_name, k.table_name],
                                           'options', k.options, 'audited', k.removed_at IS NULL)
                 FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id),
        'shape', (SELECT max(s.id) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id),
        'functions', ARRAY[pgaudit_py.proof(tracked_id),
            obj_description(to_regprocedure(format('pgaudit_py.capture_%s()', tracked_id)), 'pg_proc'),
            obj_description(to_regprocedure(format('pgaudit_py.capture_%s_truncate()', tracked_id)), 'pg_proc')],
        'triggers', (
            -- Those of the tracked table, wherever they are; and those of the table, whomever they record it for.
            SELECT jsonb_agg(jsonb_build_array(t.tgrelid::bigint, t.tgname, p.proname, t.tgenabled, t.tgtype, t.tgqual IS NULL, t.tgattr::text)
                             ORDER BY t.tgrelid, t.tgname)
            FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
            WHERE NOT t.tgisinternal
                AND (t.tgrelid = relation OR p.proname IN ('capture_' || tracked_id, 'capture_' || tracked_id || '_truncate'))),
        'numbers', ARRAY[(SELECT max(k.id) FROM pgaudit_py.tracked_table AS k), (SELECT max(s.id) FROM pgaudit_py.table_shape AS s)])
$function$;
