-- Which role was taken by SET ROLE.
-- Result: none for the session's own.
SELECT pg_catalog.current_setting('role')
