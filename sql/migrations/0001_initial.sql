-- The schema of pgaudit-py: the log, the tables it watches, the shapes their values were written under.
-- Run once, by the migrator, in one transaction. Immutable once released.

-- Where an administrator made it, empty, for an owner who may create none, it is taken as it is.
DO $$BEGIN IF to_regnamespace('pgaudit_py') IS NULL THEN CREATE SCHEMA pgaudit_py; END IF; END$$;
REVOKE ALL ON SCHEMA pgaudit_py FROM PUBLIC;
COMMENT ON SCHEMA pgaudit_py IS
    'Audit trail and time travel by pgaudit-py (not the C extension pgAudit, which it works beside).';

-- What the migrator has done: one row a migration, and one a function with the checksum of its file.
CREATE TABLE pgaudit_py.migration (
    name            text PRIMARY KEY,                   -- 'migrations/0001_initial.sql', 'functions/history.sql'
    checksum        text NOT NULL,                      -- sha256 of the file, hexadecimal
    breaking        boolean NOT NULL DEFAULT false,     -- true: an older library must not work with this schema
    library_version text NOT NULL,
    applied_by      text NOT NULL DEFAULT session_user,
    applied_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A table under audit, or one that was: rows stay after uninstall, so that its history can still be read.
CREATE TABLE pgaudit_py.tracked_table (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,   -- names its function: capture_7
    subject_type text NOT NULL,
    schema_name  text NOT NULL,                         -- as of the last install; the trigger tells the present name
    table_name   text NOT NULL,
    options      jsonb NOT NULL DEFAULT '{}',           -- as given to install: snapshots, exclude, redact, …
    installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    installed_by text NOT NULL DEFAULT session_user,
    removed_at   timestamptz                            -- set by uninstall
);
-- Two tables under one name would mix their histories.
CREATE UNIQUE INDEX tracked_table_subject_type ON pgaudit_py.tracked_table (subject_type) WHERE removed_at IS NULL;

-- The columns, types and encodings that recorded values were written under. Never changed, only added to.
CREATE TABLE pgaudit_py.table_shape (
    id               integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tracked_table_id integer NOT NULL REFERENCES pgaudit_py.tracked_table,
    columns          jsonb NOT NULL,      -- {"title": {"attnum": 2, "type": "text", "encoding": "native", …}, …}
    key              text[] NOT NULL,     -- columns of the key, in its order; empty where the table has none
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX table_shape_tracked_table ON pgaudit_py.table_shape (tracked_table_id, id);

-- The audit trail. Append-only; written by the capture functions and by log().
-- No foreign keys and no CHECKs here: each is work in somebody else's write. The laws are stated in
-- functions/broken_laws.sql, which `pgaudit-py check` and every integration test run.
CREATE TABLE pgaudit_py.activity_log (
    id                  bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),  -- a cache would break the order of one row's changes
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction_id      bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    epoch               smallint NOT NULL DEFAULT 1,    -- raised after a restore into another cluster; beside transaction_id: 2 + 1 bytes fit without padding
    operation           "char",                         -- I U D T: what the trigger saw; S: a snapshot; NULL: told by the application
    action              text NOT NULL,                  -- created updated deleted truncated restored snapshot, or the application's word
    subject_type        text,
    subject_id          text,
    previous_subject_id text,                           -- the key before a change of the key
    old_tid             tid,                            -- the row's address before and after: the order within a transaction
    new_tid             tid,
    causer_type         text,
    causer_id           text,
    db_role             text NOT NULL DEFAULT session_user,
    set_role            text DEFAULT nullif(current_setting('role'), 'none'),
    ip                  inet,
    user_agent          text,
    request_id          text,
    metadata            jsonb,
    changes             jsonb,                          -- {"title": {"old": …, "new": …}}
    snapshot            jsonb,                          -- the row after; of a deletion: the row that went away
    omitted             jsonb,                          -- {"body": {"why": "size", "bytes": …, "sha256": …}}
    shape_id            integer,
    erased_at           timestamptz,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);

-- So that no write ever fails for a missing partition.
CREATE TABLE pgaudit_py.activity_log_default PARTITION OF pgaudit_py.activity_log DEFAULT;

CREATE INDEX activity_log_subject ON pgaudit_py.activity_log (subject_type, subject_id, id);
-- Who left this key for another one: a history follows its record. Partial, since keys hardly ever change.
CREATE INDEX activity_log_previous ON pgaudit_py.activity_log (subject_type, previous_subject_id, id)
    WHERE previous_subject_id IS NOT NULL;
CREATE INDEX activity_log_causer ON pgaudit_py.activity_log (causer_id, id);
CREATE INDEX activity_log_action ON pgaudit_py.activity_log (action, created_at);
CREATE INDEX activity_log_created_at ON pgaudit_py.activity_log (created_at);
CREATE INDEX activity_log_transaction ON pgaudit_py.activity_log (transaction_id);

-- Every state that can be asked for with version(id), newest last. Its reader's own rights hold.
CREATE VIEW pgaudit_py.versions WITH (security_invoker = true) AS
SELECT
    id, created_at, transaction_id, operation, action, subject_type, subject_id, previous_subject_id,
    causer_type, causer_id,
    metadata ->> '_label' AS label,
    snapshot IS NOT NULL AS stored          -- else rebuilt from the changes
FROM pgaudit_py.activity_log
WHERE operation IN ('I', 'U', 'D', 'S');
