-- The tables that whoever is connected could put under audit, as SQL names them here; a thousand of them at most.
-- Functions stand for operators: any search_path is in force, for the names to be right.
SELECT c.oid::pg_catalog.regclass::pg_catalog.text AS name
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON pg_catalog.oideq(n.oid, c.relnamespace)
WHERE pg_catalog.chareq(c.relkind, 'r') AND pg_catalog.charne(c.relpersistence, 't') AND NOT c.relispartition
    AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
    AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
    AND pg_catalog.namene(n.nspname, 'information_schema') AND pg_catalog.namene(n.nspname, 'pgaudit_py')
ORDER BY name LIMIT 1000
