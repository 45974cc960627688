-- Find what weakens the audit trail of a table and is not of our making; see doctor().
--
-- Its triggers are told by `pgaudit-py status`. Those of others that fire before ours report nested changes before that which
-- they follow from; which rows they touch nobody can tell, so a note is made where their text writes the same table.
CREATE OR REPLACE FUNCTION pgaudit_py.doctor_tables() RETURNS TABLE (state text, about text, detail text, fix text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
    WITH audited AS (
        SELECT k.subject_type, c.oid, c.oid::regclass::text AS name, c.relname, c.relpersistence
        FROM pgaudit_py.tracked_table AS k JOIN pg_class AS c ON c.oid = pgaudit_py.live_table(k.subject_type)
        WHERE k.removed_at IS NULL
    ), other AS (
        SELECT a.subject_type, a.name, a.relname, t.tgname, p.prosrc
        FROM audited AS a
        JOIN pg_trigger AS t ON t.tgrelid = a.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
            -- After each row of an INSERT, UPDATE or DELETE, and not at the end of the transaction.
            AND t.tgtype & 1 = 1 AND t.tgtype & 2 = 0 AND t.tgtype & 28 <> 0 AND NOT t.tginitdeferred
        JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace <> 'pgaudit_py'::regnamespace
    )
    SELECT 'limited', a.subject_type, format('%s is UNLOGGED: a crash empties it, and no trigger sees that', a.name),
        format('Run `ALTER TABLE %s SET LOGGED`; else check it after a crash, and restore what is missing.', a.name)
    FROM audited AS a WHERE a.relpersistence = 'u'
    UNION ALL
    SELECT 'wrong', o.subject_type, format('the trigger %s fires before ours: what it changes is recorded before what it follows from', o.tgname),
        format('Run `ALTER TRIGGER %I ON %s RENAME TO %I`.', o.tgname, o.name, left('app_' || o.tgname, 60))
    FROM other AS o WHERE o.tgname::text COLLATE "C" < '00_pgaudit_py'
    UNION ALL
    SELECT 'note', o.subject_type,
        format('the trigger %s writes %s again, after each row: where it writes other rows of the same statement before their own change is reported, '
            'their histories may be told apart wrongly', o.tgname, o.name),
        'Where `check` reports contradictions, have it fire once a statement, or for other rows than the statement''s own.'
    FROM other AS o
    WHERE EXISTS (
        SELECT FROM regexp_matches(
            o.prosrc, '\m(?:update|insert\s+into|delete\s+from|merge\s+into)\s+(?:only\s+)?(?:(?:"[^"]+"|\w+)\.)?("(?:[^"]|"")+"|\w+)', 'gi') AS written(names)
        WHERE o.relname IN (replace(btrim(written.names[1], '"'), '""', '"'), lower(written.names[1])))
$function$;
