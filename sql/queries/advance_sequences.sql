-- Move sequences on past a row that was put back.
-- Parameters: relation: text, quoted; state: JSON text.
SELECT pgaudit_py.advance_sequences(pg_catalog.to_regclass(%(relation)s), %(state)s::pg_catalog.jsonb)
