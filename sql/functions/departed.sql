-- List the partitions that an audited table has lost since its last install: detached or dropped, with all rows that were in them.
--
-- Arguments: the tracked table's id; its table, whose partitions are known by their oids, or by their names in another relation than
-- that of the last install; by_log, whether those are meant, too, that came and went in between, which the log tells: it is read from the
-- last install on.
-- Result: leaf, the oid that the log has; name: one that was renamed has two.
CREATE OR REPLACE FUNCTION pgaudit_py.departed(tracked_id integer, relation oid, by_log boolean) RETURNS TABLE (leaf bigint, name text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    WITH known AS (
        SELECT k.*, pgaudit_py.shift_of(departed.relation, to_jsonb(s)) IS NOT NULL AS elsewhere, pgaudit_py.leaves_of(departed.relation) AS present
        FROM pgaudit_py.tracked_table AS k
        JOIN LATERAL (
            SELECT s.* FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS s ON true
        WHERE k.id = tracked_id
    ), was AS (
        SELECT w.oid::bigint AS leaf, w.name, k.elsewhere, k.present FROM known AS k CROSS JOIN jsonb_each_text(k.partitions) AS w(oid, name)
        UNION
        SELECT (l.metadata -> '_leaf')::bigint, max(l.metadata ->> '_partition'), k.elsewhere, k.present
        FROM known AS k
        JOIN pgaudit_py.activity_log AS l ON l.subject_type = k.subject_type AND l.created_at >= k.partitions_at
            AND l.metadata ? '_leaf' AND l.operation IN ('I', 'U', 'S')
        WHERE by_log
        GROUP BY 1, 3, 4
    )
    SELECT was.leaf, was.name
    FROM was
    WHERE NOT CASE WHEN was.elsewhere THEN EXISTS (SELECT FROM jsonb_each_text(was.present) AS l(oid, name) WHERE l.name = was.name)
                   ELSE was.present ? was.leaf::text END
    GROUP BY was.leaf, was.name
$function$;
