-- Keep a table from being altered or dropped until the transaction ends; readers and writers go on.
--
-- Arguments: the table's oid. Does nothing where the table is gone.
-- Errors: 55P03 where others keep it locked.
CREATE OR REPLACE FUNCTION pgaudit_py.hold_table(relation oid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF to_regclass(relation::regclass::text) IS NOT NULL THEN
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS SHARE MODE', relation::regclass);
    END IF;
EXCEPTION WHEN undefined_table OR syntax_error THEN
    NULL;  -- dropped since; without a name it is written as a number
END
$function$;
