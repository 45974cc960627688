-- All that the install of a table goes by. Runs under the pinned search_path.
-- Parameters: oid; key: text[]; id: of the tracked table, with or without a line.
-- Result: the text of what pgaudit_py.install_state() gives.
SELECT pgaudit_py.install_state(%(oid)s::bigint::oid, %(key)s::text[], %(id)s)::text
