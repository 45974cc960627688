-- List the versions of a record, oldest first in the true order of changes, through every key it had.
--
-- Arguments: subject_type; subject_id as the log has it. Result: rows of the view versions.
CREATE OR REPLACE FUNCTION pgaudit_py.record_versions(subject_type text, subject_id text) RETURNS SETOF pgaudit_py.versions
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT v.*
    FROM pgaudit_py.subject_lives(record_versions.subject_type, record_versions.subject_id) AS s
    JOIN pgaudit_py.versions AS v ON v.id = s.id AND v.created_at = s.created_at
    ORDER BY s.life, s.ordinal
$function$;
