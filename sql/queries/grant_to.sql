-- Give a role a part in the audit trail.
-- Parameters: role; as_what: app, reader or restorer.
SELECT pgaudit_py.grant_to(%(role)s, %(as_what)s)
