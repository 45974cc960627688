-- Find the tracked table that a person means: by what its records are called, or by its own name.
-- Parameters: name.
-- Result: at most one row: see pgaudit_py.find_tracked().
SELECT * FROM pgaudit_py.find_tracked(%(name)s)
