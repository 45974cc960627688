-- Add to columns what is only known of a table under audit: which are left out or redacted, and since when all is seen.
--
-- Arguments: present, as table_columns() gives them; marked, the columns of a shape, by whose numbers they are recognised,
-- whatever they are called by now.
-- Result: present, with the members that mark a column: excluded, redacted, paths, since.
CREATE OR REPLACE FUNCTION pgaudit_py.mark_columns(present jsonb, marked jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT coalesce(jsonb_object_agg(
        p.name,
        p.description || coalesce((
            SELECT m.description - ARRAY['attnum', 'type', 'encoding', 'generated', 'identity']
            FROM jsonb_each(marked) AS m(name, description)
            WHERE m.description -> 'attnum' = p.description -> 'attnum'), '{}')), '{}')
    FROM jsonb_each(present) AS p(name, description)
$function$;
