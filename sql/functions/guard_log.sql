-- Make a table of the log append-only: the root, or a partition, since a statement that names one does not fire the
-- root's trigger. Does nothing, and locks nothing, where it is done already.
CREATE OR REPLACE FUNCTION pgaudit_py.guard_log(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
DECLARE
    guard record;
BEGIN
    SELECT pgaudit_py.is_guard(t.oid) AS as_made, t.tgenabled INTO guard
    FROM pg_trigger AS t WHERE t.tgrelid = relation AND t.tgname = 'append_only';
    IF guard.as_made IS NOT TRUE THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change()', relation);
    END IF;
    IF guard.as_made IS NOT TRUE OR guard.tgenabled <> 'A' THEN
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);
    END IF;
END
$function$;
