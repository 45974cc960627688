-- What weakens the audit trail.
SELECT state, about, detail, fix FROM pgaudit_py.doctor()
