-- Describe a table's columns as they were watched at a time, by the shapes of its installs.
--
-- Arguments: what the table's records are called; the time.
-- Result: columns as watched_columns() gives them, but of what came by ALTER TABLE since the last install nothing: nobody knows when
-- that was; since, when that began. NULL where the trail had not begun.
CREATE OR REPLACE FUNCTION pgaudit_py.columns_at(
    subject_type text, at timestamptz, OUT columns jsonb, OUT since timestamptz
) LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT s.columns, s.created_at
    FROM pgaudit_py.tracked_table AS t
    JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = t.id
    WHERE t.subject_type = columns_at.subject_type AND s.created_at <= at
    ORDER BY s.created_at DESC, s.id DESC LIMIT 1
$function$;
