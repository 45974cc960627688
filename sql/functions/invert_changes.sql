-- Turn changes around: what was new becomes old.
CREATE OR REPLACE FUNCTION pgaudit_py.invert_changes(changes jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $function$
    SELECT jsonb_object_agg(c.name,
        CASE WHEN c.change ? 'new' THEN jsonb_build_object('old', c.change -> 'new') ELSE '{}' END
        || CASE WHEN c.change ? 'old' THEN jsonb_build_object('new', c.change -> 'old') ELSE '{}' END)
    FROM jsonb_each(changes) AS c(name, change)
$function$;
