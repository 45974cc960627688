-- Compare the row that a restore wrote with what it was to be.
--
-- Arguments: what the records are called; the wanted state, NULL for none; the columns that were written; the key that
-- the record bore before, for a deletion.
-- Result: the names of the fields that differ, '*' for the row itself; NULL where all is as wanted.
CREATE OR REPLACE FUNCTION pgaudit_py.restored_otherwise(
    subject_type text, wanted jsonb, columns text[], key text[], previous_id text
) RETURNS text[] LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    wanted_id text := previous_id;
    live jsonb;
BEGIN
    IF wanted IS NOT NULL AND wanted ?& key THEN
        wanted_id := pgaudit_py.subject_id(
            subject_type, ARRAY(SELECT wanted ->> k.name FROM unnest(key) WITH ORDINALITY AS k(name, position)
                                ORDER BY k.position));
    END IF;
    live := pgaudit_py.live_row(pgaudit_py.live_table(subject_type), wanted_id);
    IF (live IS NULL) <> (wanted IS NULL) THEN
        RETURN ARRAY['*'];
    END IF;
    RETURN (SELECT array_agg(c.name ORDER BY c.name) FROM unnest(columns) AS c(name)
            WHERE (live -> c.name)::text IS DISTINCT FROM (wanted -> c.name)::text);
END
$function$;
