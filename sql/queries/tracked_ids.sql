-- Which number a tracked table gets. Runs under the pinned search_path.
-- Parameters: subject_type.
-- Result: one row: removed, the number under which it was audited before, NULL for never, since one name has one history;
-- options, those it had; removed_at, when it was uninstalled, in seconds since 1970; next_id, a new number.
SELECT k.id AS removed, k.options, extract(epoch FROM k.removed_at)::float8 AS removed_at, (SELECT coalesce(max(a.id), 0) + 1 FROM pgaudit_py.tracked_table AS a) AS next_id
FROM (SELECT) AS nothing
LEFT JOIN pgaudit_py.tracked_table AS k ON k.id = (
    SELECT max(a.id) FROM pgaudit_py.tracked_table AS a WHERE a.subject_type = %(subject_type)s AND a.removed_at IS NOT NULL)
