-- Record what a command did to an audited table; part of watch_ddl(). A failure is a warning: it never makes the command fail.
--
-- Arguments: the tracked table's id; its table, NULL where that is gone; the command's tag.
CREATE OR REPLACE FUNCTION pgaudit_py.watch_table(tracked_id integer, relation oid, tag text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    BEGIN
        PERFORM pgaudit_py.record_alteration(tracked_id, relation, true);
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pgaudit-py: what % changed is not recorded: %', tag, SQLERRM;
    END;
    IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = watch_table.relation AND c.relkind = 'p') THEN
        BEGIN
            PERFORM pgaudit_py.follow_partitions(tracked_id, relation);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'pgaudit-py: run `pgaudit-py sync` after this %: %', tag, SQLERRM;
        END;
    END IF;
END
$function$;
