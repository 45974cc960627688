-- The versions of a record, oldest first, in the true order of changes, through every key it had.
-- Parameters: subject_type; key: text[].
SELECT v.*
FROM pgaudit_py.subject_lives(%(subject_type)s, pgaudit_py.subject_id(%(subject_type)s, %(key)s::text[])) AS s
CROSS JOIN LATERAL pg_catalog.unnest(s.ids) WITH ORDINALITY AS p(id, position)
JOIN pgaudit_py.versions AS v ON v.id OPERATOR(pg_catalog.=) p.id
ORDER BY s.life, p.position
