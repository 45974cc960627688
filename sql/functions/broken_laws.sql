-- List the activities that break a law of the log: SELECT * FROM pgaudit_py.broken_laws().
--
-- The laws are no CHECKs on the table, whose text PostgreSQL would parse again in every write of the application.
-- Result: law, in words; id of the activity. None where all is well.
CREATE OR REPLACE FUNCTION pgaudit_py.broken_laws() RETURNS TABLE (law text, id bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT laws.law, l.id
    FROM pgaudit_py.activity_log AS l
    CROSS JOIN LATERAL (VALUES
        ('an operation is I, U, D, T or S, or the application told it', coalesce(l.operation IN ('I', 'U', 'D', 'T', 'S'), true)),
        ('an update has changes', l.operation IS DISTINCT FROM 'U' OR l.changes IS NOT NULL OR l.erased_at IS NOT NULL),
        ('what is created, deleted or recorded has a snapshot',
         coalesce(l.operation NOT IN ('I', 'D', 'S'), true) OR l.snapshot IS NOT NULL OR l.erased_at IS NOT NULL),
        ('an operation is about a table', l.operation IS NULL OR l.subject_type IS NOT NULL),
        ('values of a row say what shape they have',
         l.operation IS NULL OR l.operation = 'T' OR l.shape_id IS NOT NULL OR l.metadata ? '_drift'),
        ('a row that came or changed has an address', coalesce(l.operation NOT IN ('I', 'U'), true) OR l.new_tid IS NOT NULL),
        ('only a change of the key has a previous one',
         l.previous_subject_id IS NULL OR (l.operation = 'U' AND l.previous_subject_id <> l.subject_id)),
        ('what the application told says nothing about a row', l.operation IS NOT NULL OR l.old_tid IS NULL),
        ('an action has a name', l.action <> '' AND length(l.action) <= 512)
    ) AS laws(law, holds)
    WHERE NOT laws.holds
$function$;
