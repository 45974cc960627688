-- Make the log append-only: the root and each partition, since a statement that names one does not fire the root's triggers.
CREATE OR REPLACE FUNCTION pgaudit_py.guard_log() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT p.relid FROM pg_partition_tree('pgaudit_py.activity_log') AS p
        WHERE NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = p.relid AND t.tgname = 'append_only')
    LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change()', relation);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);
    END LOOP;
END
$function$;
