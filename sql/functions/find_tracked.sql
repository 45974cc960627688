-- Find the tracked table that a person means: by what its records are called, or by its own name in the search_path.
--
-- Result: at most one row: id and subject_type; relation, the table's oid, NULL where none carries the triggers any more.
CREATE OR REPLACE FUNCTION pgaudit_py.find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint)
RETURNS SETOF record LANGUAGE sql STABLE AS $function$
    SELECT * FROM pgaudit_py.tracked_as(find_tracked.name, pgaudit_py.find_relation(find_tracked.name))
$function$;
