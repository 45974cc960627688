-- Look for what weakens the audit trail: SELECT * FROM pgaudit_py.doctor().
--
-- How the audited tables are is told by `pgaudit-py status`, which knows what they should look like.
-- Result: state: wrong, for what should not be; limited, for what a missing privilege leaves undone or unseen; note, for what
-- is worth to know; what it is about; the detail; the fix, with what is to be run between backquotes: SQL, or a command. The worst
-- first; none where all is well. Nothing is written, and no table is read through: all is from the catalog, or by an index.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    SELECT d.state, d.about, d.detail, d.fix
    FROM (
        SELECT 1 AS place, f.* FROM pgaudit_py.doctor_guards() AS f
        UNION ALL SELECT 2, f.* FROM pgaudit_py.doctor_log() AS f
        UNION ALL SELECT 3, f.* FROM pgaudit_py.doctor_columns() AS f
        UNION ALL SELECT 4, f.* FROM pgaudit_py.doctor_refusals() AS f
        UNION ALL SELECT 5, f.* FROM pgaudit_py.doctor_ids() AS f
        UNION ALL SELECT 6, f.* FROM pgaudit_py.doctor_indexes() AS f
        UNION ALL SELECT 7, f.* FROM pgaudit_py.doctor_partitions() AS f
        UNION ALL SELECT 8, f.* FROM pgaudit_py.doctor_functions() AS f
        UNION ALL SELECT 9, f.* FROM pgaudit_py.doctor_rights() AS f
        UNION ALL SELECT 10, f.* FROM pgaudit_py.doctor_roles() AS f
        UNION ALL SELECT 11, f.* FROM pgaudit_py.doctor_settings() AS f
        UNION ALL SELECT 12, f.* FROM pgaudit_py.doctor_tables() AS f
        UNION ALL SELECT 13, f.* FROM pgaudit_py.doctor_transactions() AS f
        UNION ALL SELECT 14, f.* FROM pgaudit_py.doctor_caller() AS f
    ) AS d
    ORDER BY array_position('{wrong,limited,note}', d.state), d.place, d.about, d.detail
$function$;
