-- Record that a table is about to be truncated.
--
-- A TRUNCATE fires the triggers of every partition that it empties, and each records its own rows. Of a table that has partitions
-- only those are recorded here that have no such trigger, nor any table between: foreign ones, and those that came after the last install.
-- Arguments: see record_emptying(); the table, or a partition of it.
CREATE OR REPLACE FUNCTION pgaudit_py.record_truncation(
    relation oid, subject_type text, shape jsonb, row_limit bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    leaf oid;
BEGIN
    IF EXISTS (SELECT FROM pgaudit_py.tracked_table AS k
               WHERE k.subject_type = record_truncation.subject_type AND k.partitions IS NOT NULL
                   AND pgaudit_py.root_of(relation) <> pgaudit_py.own_table(k.id)) THEN
        RETURN;  -- a partition that was detached keeps its trigger, but is no part of the table any more
    END IF;
    IF NOT EXISTS (SELECT FROM pg_partition_tree(relation) AS t WHERE NOT t.isleaf) THEN
        PERFORM pgaudit_py.record_emptying(relation, subject_type, shape, row_limit);
        RETURN;
    END IF;
    FOR leaf IN
        SELECT t.relid FROM pg_partition_tree(relation) AS t
        WHERE t.isleaf AND NOT EXISTS (
            SELECT FROM pg_partition_ancestors(t.relid) AS a(relid)
            JOIN pg_trigger AS g ON g.tgrelid = a.relid
            JOIN pg_proc AS p ON p.oid = g.tgfoid
            WHERE a.relid IN (SELECT below.relid FROM pg_partition_tree(relation) AS below WHERE below.level > 0)
                AND p.pronamespace = 'pgaudit_py'::regnamespace
                AND g.tgtype & 32 <> 0  -- for TRUNCATE
                AND g.tgenabled IN ('A', CASE current_setting('session_replication_role') WHEN 'replica' THEN 'R' ELSE 'O' END::"char"))
    LOOP
        PERFORM pgaudit_py.record_emptying(leaf, subject_type, shape, row_limit);
    END LOOP;
END
$function$;
