-- Refuse a table, or books, that are not as they were: a script may be run later, twice, or elsewhere. Runs under the pinned search_path.
-- Parameters: oid; key: text[]; id: of the tracked table; state: as install_state gave it; name: of the table.
SELECT pgaudit_py.require_state(%(oid)s::bigint::oid, %(key)s::text[], %(id)s, %(state)s::jsonb, %(name)s)
