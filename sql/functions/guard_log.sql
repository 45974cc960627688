-- Make a table of the log append-only: the root, or a partition, since a statement that names one does not fire the
-- root's trigger. Does nothing, and locks nothing, where it is done already.
CREATE OR REPLACE FUNCTION pgaudit_py.guard_log(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = relation AND t.tgname = 'append_only') THEN
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change()', relation);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);
    END IF;
END
$function$;
