-- Refuse to change or remove what was recorded; the trigger function of the log's tables.
--
-- Errors: PGA09, always. It stops accidents; whoever owns the log can drop the trigger, and sealing tells that.
CREATE OR REPLACE FUNCTION pgaudit_py.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'PGA09', HINT = 'Record a new activity instead; old months go as whole partitions.';
END
$function$;
