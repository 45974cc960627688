-- Room for the options of install, for what has drifted since, and for a baseline that is taken in pieces.

-- Installers work one at a time, so the next id is the greatest plus one. An identity would count in rehearsals too, and a
-- script made by one (`install --sql`) could not know the numbers that it will get.
ALTER TABLE pgaudit_py.tracked_table ALTER COLUMN id DROP IDENTITY;
ALTER TABLE pgaudit_py.table_shape ALTER COLUMN id DROP IDENTITY;

-- What the capture function was rendered for, as fingerprint() gave it; NULL where 0.1.0 did it.
ALTER TABLE pgaudit_py.table_shape ADD COLUMN fingerprint text;
COMMENT ON COLUMN pgaudit_py.table_shape.columns IS
    'As table_columns() gives them, and what mark_columns() adds: excluded, redacted, paths (of a jsonb column, what is cut out), since (the shape from which on every change of the column was seen), now (its number in the table, where attnum, by which the log knows it, is another one).';

-- How far a baseline has come: {"after": ["7", "de"], "rows": 5000, "done": false}. NULL where none was begun.
ALTER TABLE pgaudit_py.tracked_table ADD COLUMN baseline jsonb;

-- Its partitions as of the last install that noted them, and when: {"16402": "public.posts_2026"}; NULL where it has never had any.
ALTER TABLE pgaudit_py.tracked_table ADD COLUMN partitions jsonb, ADD COLUMN partitions_at timestamptz;

-- A column is no longer known by its number alone; a trigger is told by what it fires for. These are made anew with
-- other results; no capture function calls them.
DROP FUNCTION IF EXISTS pgaudit_py.facts("char", jsonb, jsonb, jsonb, jsonb);
DROP FUNCTION IF EXISTS pgaudit_py.attached_triggers(integer);
DROP FUNCTION IF EXISTS pgaudit_py.history(text, text);  -- tells what was omitted, too

-- From when on nobody looked, until this shape; NULL where nothing was missed before it, or nobody knows since when.
ALTER TABLE pgaudit_py.table_shape ADD COLUMN unseen_from timestamptz;

-- Which relation of which cluster the columns' numbers are of: one that a dump brought, or that was made anew, has others. NULL
-- where nobody knows. 0.1.0 noted it nowhere but in the functions that it rendered.
ALTER TABLE pgaudit_py.table_shape ADD COLUMN relation oid, ADD COLUMN cluster bigint;
UPDATE pgaudit_py.table_shape AS s
SET relation = (
    SELECT substring(p.prosrc FROM $$shape_token\('([0-9]{1,10})'::oid\)$$)::oid
    FROM pg_proc AS p WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND p.proname = 'capture_' || s.tracked_table_id);
DROP FUNCTION IF EXISTS pgaudit_py.state_at(bigint[], timestamptz[], integer);  -- takes the columns, too

-- The number by which the log knows a column may be greater than that of any column.
DROP FUNCTION IF EXISTS pgaudit_py.live_rows(oid, smallint[]);
DROP FUNCTION IF EXISTS pgaudit_py.can_read_rows(oid, smallint[]);
DROP FUNCTION IF EXISTS pgaudit_py.subject_of(jsonb, smallint[], record);

-- These tell the partition, too.
DROP FUNCTION IF EXISTS pgaudit_py.inspect_table(oid);
DROP FUNCTION IF EXISTS pgaudit_py.slot_changes(text, text);
DROP FUNCTION IF EXISTS pgaudit_py.lock_row(text, text);
DROP FUNCTION IF EXISTS pgaudit_py.snapshot_held(oid, tid, text, text);
DROP FUNCTION IF EXISTS pgaudit_py.record_state(oid, tid, text, text);

-- What function_proof() gave when the file had been run; NULL for migrations. It tells whether somebody changed the function since.
ALTER TABLE pgaudit_py.migration ADD COLUMN proof text;

-- A value may be too large to be kept: what is read says so.
DROP FUNCTION IF EXISTS pgaudit_py.live_rows(oid, bigint[], jsonb);
DROP FUNCTION IF EXISTS pgaudit_py.plan_restore(text, text, jsonb, jsonb, text[]);
DROP FUNCTION IF EXISTS pgaudit_py.record_state_at(text, text, timestamptz);
DROP FUNCTION IF EXISTS pgaudit_py.row_state(jsonb, record);
DROP FUNCTION IF EXISTS pgaudit_py.version_at(bigint);
-- The transaction that is installing the table: the event trigger leaves that to it. NULL as soon as it is done.
ALTER TABLE pgaudit_py.tracked_table ADD COLUMN installing bigint;
-- Which audited table a relation is; asked after every ALTER TABLE, of whatever table, where there is an event trigger.
CREATE INDEX table_shape_relation ON pgaudit_py.table_shape (relation);
