-- Give a version: SELECT pgaudit_py.version(123).
--
-- Result: the record's state after activity 123 (of a deletion: the row that went away), stored or rebuilt, with the
-- columns as they were called then.
-- Errors: PGA05 where the id is no version; PGA04 where it is one of a table without a key, and not stored.
CREATE OR REPLACE FUNCTION pgaudit_py.version(activity_id bigint) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT v.state FROM pgaudit_py.version_at(activity_id) AS v
$function$;
