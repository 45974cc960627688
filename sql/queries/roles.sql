-- Who was granted which part in the audit trail.
SELECT role, as_what FROM pgaudit_py.roles()
