-- Say which of a tracked table's triggers are not as install made them: {"00_pgaudit_py": "disabled"}; {} where all are.
--
-- Arguments: the tracked table's id; its table. Partitions are looked at that the book names: others have never had theirs.
-- Result: by the name that a trigger should have, and its partition's: null where it is gone, else when it fires, and what it is
-- called where that is another name.
CREATE OR REPLACE FUNCTION pgaudit_py.trigger_state(tracked_id integer, relation oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH attached AS MATERIALIZED (
        SELECT a.* FROM pgaudit_py.attached_triggers(tracked_id) AS a
    ), expected AS (
        SELECT p.oid, t.for_rows, t.name, t.name || CASE WHEN p.oid = relation THEN '' ELSE ' on ' || p.oid::regclass END AS said
        FROM (
            SELECT relation
            UNION ALL
            SELECT l.oid::oid FROM jsonb_object_keys(pgaudit_py.leaves_of(relation)) AS l(oid)
            JOIN pgaudit_py.tracked_table AS k ON k.id = tracked_id AND k.partitions ? l.oid) AS p(oid)
        CROSS JOIN (VALUES (true, '00_pgaudit_py'), (false, '00_pgaudit_py_truncate')) AS t(for_rows, name)
    ), found AS (
        SELECT e.said, f.state
        FROM expected AS e
        LEFT JOIN LATERAL (
            SELECT concat_ws(', ',
                CASE a.enabled WHEN 'A' THEN 'always' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replication only' ELSE 'not in replication' END,
                CASE WHEN a.trigger_name <> e.name THEN 'as ' || a.trigger_name END,
                CASE WHEN NOT a.as_made THEN 'made otherwise' END) AS state
            FROM attached AS a WHERE a.oid = e.oid AND a.for_rows = e.for_rows
            ORDER BY a.enabled = 'A' DESC, a.trigger_name = e.name DESC, a.trigger_name
            LIMIT 1) AS f ON true
    )
    SELECT coalesce(jsonb_object_agg(f.said, f.state), '{}') FROM found AS f WHERE f.state IS DISTINCT FROM 'always'
$function$;
