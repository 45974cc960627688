-- Take a part in the audit trail from a role: SELECT pgaudit_py.revoke_from('support', 'reader').
--
-- Arguments: as for grant_to(). Whoever may restore reads, and acts as an app: a restorer that loses one of both keeps
-- the other only; one that loses restorer keeps nothing.
-- Result: nothing. What the role has as another role of the audit trail stays.
-- Errors: those of check_grant().
CREATE OR REPLACE FUNCTION pgaudit_py.revoke_from(role text, as_what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    kept text[];
    part record;
BEGIN
    PERFORM pgaudit_py.check_grant(role, as_what);
    SELECT array_agg(k.as_what) INTO kept FROM (VALUES ('app'), ('reader')) AS k(as_what)
    WHERE revoke_from.as_what NOT IN (k.as_what, 'restorer') AND EXISTS (
        SELECT FROM pgaudit_py.roles() AS held WHERE held.role = revoke_from.role AND held.as_what IN (k.as_what, 'restorer'));
    FOR part IN
        SELECT r.privilege, r.kind, string_agg(DISTINCT r.name, ', ') AS names
        FROM pgaudit_py.role_rights() AS r
        WHERE r.as_what IN (revoke_from.as_what, 'restorer') AND NOT EXISTS (
            SELECT FROM pgaudit_py.role_rights() AS other WHERE other.kind = r.kind AND other.object = r.object AND other.as_what = ANY (kept))
        GROUP BY r.privilege, r.kind
    LOOP
        EXECUTE format('REVOKE %s ON %s %s FROM %I', part.privilege, part.kind, part.names, role);
    END LOOP;
END
$function$;
