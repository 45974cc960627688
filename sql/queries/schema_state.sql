-- What there is of our schema. Runs under the pinned search_path.
-- Result: one row: role, the current user; owner, NULL where there is no schema; owned, whether it is the current user; empty; migrated, whether
-- it has a ledger.
SELECT
    current_user::text AS role,
    pg_get_userbyid(n.nspowner)::text AS owner,
    pg_get_userbyid(n.nspowner) = current_user AS owned,
    NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relnamespace = n.oid)
        AND NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid) AS empty,
    to_regclass('pgaudit_py.migration') IS NOT NULL AS migrated
FROM (SELECT) AS nothing LEFT JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py'
