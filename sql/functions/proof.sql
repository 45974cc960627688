-- Sum up the capture functions of a tracked table, to compare with what was rendered: their bodies and pinned settings.
--
-- Arguments: the tracked table's id.
-- Result: sha256, hexadecimal, as pgaudit_py/capture.py computes it for what it renders; NULL where a function is missing,
-- or belongs to somebody else than the owner of the log, or runs with another's rights. A session with quote_all_identifiers that
-- made one, or loaded it from a dump, has quoted its search_path.
CREATE OR REPLACE FUNCTION pgaudit_py.proof(tracked_id integer) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT encode(sha256(convert_to(string_agg(
        p.prosrc || E'\n' || array_to_string(c.settings, E'\n') || E'\n', E'\n' ORDER BY n.position), 'UTF8')), 'hex')
    FROM unnest(ARRAY['capture_' || tracked_id, 'capture_' || tracked_id || '_truncate', 'capture_' || tracked_id || '_shape']) WITH ORDINALITY AS n(name, position)
    JOIN pg_proc AS p ON p.proname = n.name AND p.pronamespace = 'pgaudit_py'::regnamespace AND p.pronargs = 0
        AND p.prosecdef = (n.position < 3)
    CROSS JOIN LATERAL (
        SELECT array_replace(p.proconfig, 'search_path="pg_catalog", "pg_temp"', 'search_path=pg_catalog, pg_temp') AS settings) AS c
    JOIN pg_class AS l ON l.oid = 'pgaudit_py.activity_log'::regclass AND l.relowner = p.proowner
    HAVING count(*) = 3
$function$;
