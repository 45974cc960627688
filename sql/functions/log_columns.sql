-- List the columns of the log, as migrations made them.
--
-- Result: name; type, as format_type() writes it; required: NOT NULL; value: the default, as pg_get_expr() writes it. That of
-- epoch is raised after a dump is restored into another cluster.
CREATE OR REPLACE FUNCTION pgaudit_py.log_columns() RETURNS TABLE (name text, type text, required boolean, value text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    VALUES
        ('id', 'bigint', true, NULL),
        ('created_at', 'timestamp with time zone', true, 'clock_timestamp()'),
        ('transaction_id', 'bigint', true, '((pg_current_xact_id())::text)::bigint'),
        ('epoch', 'smallint', true, '1'),
        ('operation', '"char"', false, NULL),
        ('action', 'text', true, NULL),
        ('subject_type', 'text', false, NULL),
        ('subject_id', 'text', false, NULL),
        ('previous_subject_id', 'text', false, NULL),
        ('old_tid', 'tid', false, NULL),
        ('new_tid', 'tid', false, NULL),
        ('causer_type', 'text', false, NULL),
        ('causer_id', 'text', false, NULL),
        ('db_role', 'text', true, 'SESSION_USER'),
        ('set_role', 'text', false, 'NULLIF(current_setting(''role''::text), ''none''::text)'),
        ('ip', 'inet', false, NULL),
        ('user_agent', 'text', false, NULL),
        ('request_id', 'text', false, NULL),
        ('metadata', 'jsonb', false, NULL),
        ('changes', 'jsonb', false, NULL),
        ('snapshot', 'jsonb', false, NULL),
        ('omitted', 'jsonb', false, NULL),
        ('shape_id', 'integer', false, NULL),
        ('erased_at', 'timestamp with time zone', false, NULL)
$function$;
