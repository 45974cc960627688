-- Give a role a part in the audit trail: SELECT pgaudit_py.grant_to('support', 'reader').
--
-- Arguments: the role, as the catalog writes its name; app: it may say who is acting and record events of its own;
-- reader: it may read the log and travel in time; restorer: both, and restore, with its own rights on the tables.
-- Result: nothing. What the role has already stays; doing it again does nothing. To be recorded, nobody needs a grant.
-- Errors: those of check_grant().
CREATE OR REPLACE FUNCTION pgaudit_py.grant_to(role text, as_what text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    part record;
BEGIN
    PERFORM pgaudit_py.check_grant(role, as_what);
    FOR part IN
        SELECT r.privilege, r.kind, string_agg(r.name, ', ') AS names
        FROM pgaudit_py.role_rights() AS r WHERE r.as_what = grant_to.as_what GROUP BY r.privilege, r.kind
    LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', part.privilege, part.kind, part.names, role);
    END LOOP;
END
$function$;
