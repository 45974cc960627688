-- Find a relation by the name that a person wrote, through the search_path that is in force.
-- Parameters: name: posts, public.posts, "Tab.le", Tab.le.
-- Result: its oid; NULL where nothing has this name.
SELECT pgaudit_py.find_relation(%(name)s)::bigint
