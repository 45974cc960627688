-- Act as a role until the transaction ends, or what was there before is put back. Runs under the pinned search_path.
-- Parameters: role; none for the session's own.
-- Result: the role as it was, none likewise.
WITH before AS MATERIALIZED (SELECT current_setting('role') AS role)
SELECT role, set_config('role', %(role)s, true) FROM before
