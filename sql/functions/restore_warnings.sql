-- Say whose code a restore of a table's rows would run with the rights of whoever restores.
--
-- A table's owner decides what a write to it does. Its triggers run as the writer, unless they are SECURITY DEFINER: somebody
-- who may do more than the owner should have looked at them. What superusers own, and what runs already as somebody
-- else, is left out.
-- Arguments: the table. Result: one sentence a trigger; empty where the caller owns the table, or there is nothing to say.
CREATE OR REPLACE FUNCTION pgaudit_py.restore_warnings(relation oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(array_agg(format('trigger %I runs code of %I with your rights', t.tgname, r.rolname) ORDER BY t.tgname), '{}')
    FROM pg_class AS c
    JOIN pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
    JOIN pg_proc AS p ON p.oid = t.tgfoid AND NOT p.prosecdef
    JOIN pg_roles AS r ON r.oid = p.proowner AND NOT r.rolsuper AND r.rolname <> current_user
    WHERE c.oid = relation AND pg_get_userbyid(c.relowner) <> current_user
$function$;
