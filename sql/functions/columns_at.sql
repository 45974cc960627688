-- Describe a table's columns as they were watched at a time, by the shapes of its installs.
--
-- Arguments: what the table's records are called; the time.
-- Result: columns as watched_columns() gives them, those of now where nothing was installed since; since, when that began.
-- NULL where the trail had not begun.
CREATE OR REPLACE FUNCTION pgaudit_py.columns_at(
    subject_type text, at timestamptz, OUT columns jsonb, OUT since timestamptz
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    is_newest boolean;
BEGIN
    SELECT s.columns, s.created_at, n.id IS NULL INTO columns, since, is_newest
    FROM pgaudit_py.tracked_table AS t
    JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = t.id
    LEFT JOIN LATERAL (
        SELECT o.id FROM pgaudit_py.table_shape AS o WHERE o.tracked_table_id = t.id AND o.id > s.id LIMIT 1) AS n ON true
    WHERE t.subject_type = columns_at.subject_type AND s.created_at <= at
    ORDER BY s.created_at DESC, s.id DESC LIMIT 1;
    IF is_newest AND relation IS NOT NULL THEN
        columns := pgaudit_py.watched_columns(relation);  -- also what came by ALTER TABLE since
    END IF;
END
$function$;
