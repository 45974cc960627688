-- Refuse to grant or to revoke what cannot be granted: see grant_to().
--
-- Errors: PGA11 where there is no such role, in the cluster or of the audit trail, or where it is PUBLIC; 42501 where
-- the caller is not the owner of the schema, whose GRANT would do nothing and only warn.
CREATE OR REPLACE FUNCTION pgaudit_py.check_grant(role text, as_what text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    owner CONSTANT oid := (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py');
BEGIN
    IF (as_what IN ('app', 'reader', 'restorer')) IS NOT TRUE THEN
        RAISE EXCEPTION '% is no role of the audit trail', quote_nullable(as_what)
            USING ERRCODE = 'PGA11', HINT = 'Choose app, reader or restorer.';
    ELSIF lower(role) = 'public' THEN
        RAISE EXCEPTION 'PUBLIC is everybody, and not everybody may write to the log or read it'
            USING ERRCODE = 'PGA11', HINT = 'Name roles. To be recorded, nobody needs a grant.';
    ELSIF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'there is no role %', quote_nullable(role)
            USING ERRCODE = 'PGA11', HINT = 'Write its name as the catalog does, without quotes; or make it with CREATE ROLE.';
    ELSIF NOT pg_has_role(owner, 'USAGE') THEN
        RAISE EXCEPTION 'schema pgaudit_py belongs to %, and only its owner says who may do what there', pg_get_userbyid(owner)
            USING ERRCODE = 'insufficient_privilege', HINT = format('Connect as %s, or as a member of that role.', pg_get_userbyid(owner));
    END IF;
END
$function$;
