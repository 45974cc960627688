-- Tell which key a record bears now: the record that an activity was about, through its life and what a restore revived.
--
-- Result: subject_id; NULL where the record is gone.
CREATE OR REPLACE FUNCTION pgaudit_py.current_key(activity_id bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    ids bigint[];
    ending record;
    birth bigint := activity_id;
BEGIN
    LOOP
        SELECT array_agg(l.id ORDER BY l.ordinal) INTO ids FROM pgaudit_py.life(birth) AS l;
        SELECT l.subject_type, l.subject_id, l.operation INTO ending
        FROM pgaudit_py.activity_log AS l WHERE l.id = ids[cardinality(ids)];
        IF ending.operation NOT IN ('D', 'T') THEN
            RETURN ending.subject_id;
        END IF;
        SELECT max(l.id) INTO birth FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = ending.subject_type AND l.operation = 'I' AND l.id > ids[1]
            AND l.subject_id IN (SELECT s.subject_id FROM pgaudit_py.activity_log AS s WHERE s.id = ANY (ids))
            AND l.metadata ->> '_restored_from' = ANY (ids::text[]);
        IF birth IS NULL THEN
            RETURN NULL;
        END IF;
    END LOOP;
END
$function$;
