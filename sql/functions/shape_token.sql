-- Give a text that stays the same until a table is altered, and then is another one.
--
-- It costs nothing to ask: declared IMMUTABLE, which it is not, so that the planner puts the result into the plan as a
-- constant. The plan depends on the table, whose oid it names, and PostgreSQL discards it, constant and all, as soon as
-- the table is altered, here or elsewhere. So a session that finds the token it has checked once knows that nothing has
-- changed since; and nobody can know a token before it has been checked.
-- Arguments: the table's oid, written as a constant: '16384'::oid. Called by the capture functions only.
CREATE OR REPLACE FUNCTION pgaudit_py.shape_token(relation oid) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT gen_random_uuid()::text
$function$;
