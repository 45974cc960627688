-- Name what is redacted of a table's rows and differs between two of them, as activity_log.omitted has it.
--
-- Arguments: columns as watched_columns() gives them; the rows.
-- Result: see redacted_of(); what cannot be read counts as changed. Never raises.
CREATE OR REPLACE FUNCTION pgaudit_py.redacted_changes(columns jsonb, old_row record, new_row record) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $function$
DECLARE
    part record;
    differs boolean;
    changed jsonb;
BEGIN
    FOR part IN
        SELECT c.name AS column_name, c.name, NULL::text[] AS path
        FROM jsonb_each(columns) AS c(name, description) WHERE c.description ? 'redacted'
        UNION ALL
        SELECT c.name, concat_ws('.', c.name, array_to_string(s.path, '.')), s.path
        FROM jsonb_each(columns) AS c(name, description)
        CROSS JOIN jsonb_array_elements(c.description -> 'paths') AS p(path)
        CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(p.path)) AS path) AS s
    LOOP
        BEGIN
            EXECUTE format(CASE WHEN part.path IS NULL THEN 'SELECT record_image_ne(ROW(($1).%1$I), ROW(($2).%1$I))'
                                ELSE 'SELECT record_image_ne(ROW(pgaudit_py.at_path(($1).%1$I, %2$L)), ROW(pgaudit_py.at_path(($2).%1$I, %2$L)))' END,
                           part.column_name, part.path)
                INTO STRICT differs USING old_row, new_row;
        EXCEPTION WHEN OTHERS THEN
            differs := true;
        END;
        IF differs THEN
            changed := coalesce(changed, '{}') || jsonb_build_object(part.name, '{"why": "redacted"}'::jsonb);
        END IF;
    END LOOP;
    RETURN changed;
END
$function$;
