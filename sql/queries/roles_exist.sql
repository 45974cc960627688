-- Whether the schema knows roles already. Runs under the pinned search_path.
SELECT to_regprocedure('pgaudit_py.roles()') IS NOT NULL
