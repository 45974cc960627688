-- Find roles that were granted a part in the audit trail and can do what it is to be safe from; see doctor().
--
-- Only who was granted the part app or restorer is known to be an application, or a person, that writes.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_roles() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH writer AS (
        SELECT r.oid, r.rolname::text AS name, r.rolsuper FROM pgaudit_py.roles() AS p JOIN pg_roles AS r ON r.rolname = p.role
        WHERE p.as_what IN ('app', 'restorer')
    )
    SELECT 'wrong', w.name, 'it is a superuser: it can change what was recorded, and leave no trace', format('Run `ALTER ROLE %I NOSUPERUSER`.', w.name)
    FROM writer AS w WHERE w.rolsuper
    UNION ALL
    SELECT 'wrong', w.name, format('it can act as %s, who owns the log, and so change what was recorded', pg_get_userbyid(n.nspowner)),
        format('Run `REVOKE %I FROM %I`.', pg_get_userbyid(n.nspowner), w.name)
    FROM writer AS w JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py'
    WHERE NOT w.rolsuper AND pg_has_role(w.oid, n.nspowner, 'MEMBER')
    UNION ALL
    SELECT 'wrong', w.name, format('it owns %s, and so can disable or drop the triggers', c.oid::regclass),
        format('Run `ALTER TABLE %1$s OWNER TO %2$I; GRANT SELECT, INSERT, UPDATE, DELETE ON %1$s TO %3$I`.', c.oid::regclass, pg_get_userbyid(n.nspowner), w.name)
    FROM writer AS w
    JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py'
    JOIN pgaudit_py.tracked_table AS k ON k.removed_at IS NULL
    JOIN pg_class AS c ON c.oid = pgaudit_py.live_table(k.subject_type)
    WHERE NOT w.rolsuper AND pg_has_role(w.oid, c.relowner, 'MEMBER') AND NOT pg_has_role(w.oid, n.nspowner, 'MEMBER')
$function$;
