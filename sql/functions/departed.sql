-- Name the partitions that an audited table has lost since its last install: detached or dropped, with all rows that were in them.
--
-- Arguments: the tracked table's id; its table, whose partitions are known by their oids, or by their names in another relation than
-- that of the last install.
CREATE OR REPLACE FUNCTION pgaudit_py.departed(tracked_id integer, relation oid) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT was.name
    FROM pgaudit_py.tracked_table AS k
    JOIN LATERAL (
        SELECT s.* FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS s ON true
    CROSS JOIN jsonb_each_text(k.partitions) AS was(oid, name)
    WHERE k.id = tracked_id AND NOT CASE
        WHEN pgaudit_py.shift_of(departed.relation, to_jsonb(s)) IS NULL THEN pgaudit_py.leaves_of(departed.relation) ? was.oid
        ELSE EXISTS (SELECT FROM jsonb_each_text(pgaudit_py.leaves_of(departed.relation)) AS l(oid, name) WHERE l.name = was.name) END
$function$;
