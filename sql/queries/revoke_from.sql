-- Take a part in the audit trail from a role.
-- Parameters: role; as_what: app, reader or restorer.
SELECT pgaudit_py.revoke_from(%(role)s, %(as_what)s)
