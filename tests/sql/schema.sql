CREATE SCHEMA pgaudit_py;

COMMENT ON SCHEMA pgaudit_py IS 'Audit trail and time travel by pgaudit-py (not the C extension pgAudit, which it works beside).';


SET default_tablespace = '';

CREATE TABLE pgaudit_py.activity_log (
    id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    transaction_id bigint DEFAULT ((pg_current_xact_id())::text)::bigint NOT NULL,
    epoch smallint DEFAULT 1 NOT NULL,
    operation "char",
    action text NOT NULL,
    subject_type text,
    subject_id text,
    previous_subject_id text,
    old_tid tid,
    new_tid tid,
    causer_type text,
    causer_id text,
    db_role text DEFAULT SESSION_USER NOT NULL,
    set_role text DEFAULT NULLIF(current_setting('role'::text), 'none'::text),
    ip inet,
    user_agent text,
    request_id text,
    metadata jsonb,
    changes jsonb,
    snapshot jsonb,
    omitted jsonb,
    shape_id integer,
    erased_at timestamp with time zone
)
PARTITION BY RANGE (created_at);

CREATE FUNCTION pgaudit_py.activity(subject_type text DEFAULT NULL::text, subject_id text DEFAULT NULL::text, causer_type text DEFAULT NULL::text, causer_id text DEFAULT NULL::text, action text DEFAULT NULL::text, field text DEFAULT NULL::text, transaction_id bigint DEFAULT NULL::bigint, request_id text DEFAULT NULL::text, since timestamp with time zone DEFAULT NULL::timestamp with time zone, until timestamp with time zone DEFAULT NULL::timestamp with time zone, metadata jsonb DEFAULT NULL::jsonb, before bigint DEFAULT NULL::bigint, max_rows integer DEFAULT 100) RETURNS SETOF pgaudit_py.activity_log
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    RETURN QUERY EXECUTE concat_ws(' AND ', 'SELECT l.* FROM pgaudit_py.activity_log AS l WHERE true',
        CASE WHEN subject_type IS NOT NULL THEN 'l.subject_type = $1' END,
        CASE WHEN subject_id IS NOT NULL THEN 'l.subject_id = $2' END,
        CASE WHEN causer_type IS NOT NULL THEN 'l.causer_type = $3' END,
        CASE WHEN causer_id IS NOT NULL THEN 'l.causer_id = $4' END,
        CASE WHEN action IS NOT NULL THEN 'l.action = $5' END,
        CASE WHEN field IS NOT NULL THEN 'l.changes ? $6' END,
        CASE WHEN transaction_id IS NOT NULL THEN 'l.transaction_id = $7' END,
        CASE WHEN request_id IS NOT NULL THEN 'l.request_id = $8' END,
        CASE WHEN since IS NOT NULL THEN 'l.created_at >= $9' END,
        CASE WHEN until IS NOT NULL THEN 'l.created_at <= $10' END,
        CASE WHEN metadata IS NOT NULL THEN 'l.metadata @> $11' END,
        CASE WHEN before IS NOT NULL THEN 'l.id < $12' END)
        || ' ORDER BY l.id DESC LIMIT $13'
    USING subject_type, subject_id, causer_type, causer_id, action, field, transaction_id, request_id, since, until,
        metadata, before, max_rows;
END
$_$;

CREATE FUNCTION pgaudit_py.advance_sequences(relation oid, state jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    owned record;
    position record;
BEGIN
    FOR owned IN
        SELECT d.objid::regclass AS sequence, (state ->> a.attname)::numeric AS value, s.seqincrement AS step,
               s.seqstart AS start
        FROM pg_depend AS d
        JOIN pg_sequence AS s ON s.seqrelid = d.objid
        JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.refobjid = relation AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i') AND jsonb_typeof(state -> a.attname) = 'number'
            AND (state ->> a.attname)::numeric BETWEEN s.seqmin AND s.seqmax  -- else it can never be generated
    LOOP
        BEGIN
            -- Best from the sequence itself: pg_sequence_last_value() is NULL for one that was not used yet, wherever it
            -- is to start, and for whoever may not ask.
            IF NOT has_sequence_privilege(owned.sequence, 'SELECT') AND has_sequence_privilege(owned.sequence, 'USAGE') THEN
                SELECT coalesce(l.value, owned.start) AS last_value, l.value IS NOT NULL AS is_called INTO position
                FROM pg_sequence_last_value(owned.sequence) AS l(value);
            ELSE
                EXECUTE format('SELECT last_value, is_called FROM %s', owned.sequence) INTO position;
            END IF;
            IF (owned.value - position.last_value) * sign(owned.step) > 0
                    OR (owned.value = position.last_value AND NOT position.is_called) THEN
                PERFORM setval(owned.sequence, owned.value::bigint);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'pgaudit-py: sequence % could not be moved on past %', owned.sequence, owned.value
                USING HINT = 'Have its owner run setval(), or the next new row may fail for a taken key.';
        END;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.alteration(tracked_id integer, relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.table_differences(t.state, pgaudit_py.present_state(tracked_id, relation, t.state, false))
    FROM (SELECT pgaudit_py.told_state(tracked_id)) AS t(state) WHERE t.state IS NOT NULL
$$;

CREATE FUNCTION pgaudit_py.altered_tables(tag text) RETURNS TABLE(tracked_id integer, relation oid)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    touched oid[];
BEGIN
    IF tag IN ('ALTER DOMAIN', 'ALTER EXTENSION', 'ALTER SCHEMA', 'ALTER TYPE') THEN
        touched := ARRAY(
            SELECT c.oid
            FROM pgaudit_py.tracked_table AS k JOIN pg_class AS c ON c.oid = pgaudit_py.own_table(k.id)
            WHERE c.reloftype <> 0
                OR c.relnamespace IN (SELECT d.objid FROM pg_event_trigger_ddl_commands() AS d WHERE d.classid = 'pg_namespace'::regclass)
                OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.atttypid >= 16384)  -- none of the system's
                OR tag = 'ALTER EXTENSION');
    ELSE
        touched := ARRAY(
            SELECT coalesce(t.tgrelid, d.objid)
            FROM pg_event_trigger_ddl_commands() AS d
            LEFT JOIN pg_trigger AS t ON d.classid = 'pg_trigger'::regclass AND t.oid = d.objid
            WHERE d.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass));
        touched := ARRAY(
            WITH RECURSIVE heir(oid) AS (
                SELECT unnest(touched)
                UNION
                SELECT i.inhrelid FROM heir AS h JOIN pg_inherits AS i ON i.inhparent = h.oid
                JOIN pg_class AS c ON c.oid = i.inhrelid AND NOT c.relispartition
            )
            SELECT h.oid FROM heir AS h UNION SELECT pg_partition_root(h.oid)::oid FROM heir AS h);
    END IF;
    RETURN QUERY SELECT * FROM pgaudit_py.tracked_among(touched);
END
$$;

CREATE FUNCTION pgaudit_py.apply_changes(state jsonb, changes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (state - array_agg(c.name))
        || coalesce(jsonb_object_agg(c.name, c.change -> 'new') FILTER (WHERE c.change ? 'new'), '{}')
    FROM jsonb_each(changes) AS c(name, change)
    HAVING count(*) > 0
    UNION ALL
    SELECT state WHERE changes IS NULL OR changes = '{}'
$$;

CREATE FUNCTION pgaudit_py.at_path(value jsonb, path text[], level integer DEFAULT 0) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' AND level >= 100 THEN value
        WHEN jsonb_typeof(value) = 'array' THEN (
            SELECT jsonb_agg(found.value ORDER BY found.ordinality)
            FROM (
                SELECT e.ordinality, CASE
                    WHEN jsonb_typeof(e.value) = 'object' AND cardinality(path) = 1
                    THEN CASE WHEN e.value ? path[1] THEN jsonb_build_array(e.value -> path[1]) END
                    WHEN jsonb_typeof(e.value) = 'array' OR (jsonb_typeof(e.value) = 'object' AND e.value ? path[1])
                    THEN pgaudit_py.at_path(e.value, path, level + 1) END AS value
                FROM jsonb_array_elements(value) WITH ORDINALITY AS e
                OFFSET 0  -- else PostgreSQL would call the function once for each mention of its result
            ) AS found
            HAVING count(found.value) > 0)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN jsonb_build_array(value -> path[1])
            ELSE pgaudit_py.at_path(value -> path[1], path[2:], level) END
        END
$$;

CREATE FUNCTION pgaudit_py.attached_triggers(tracked_id integer) RETURNS TABLE(oid oid, root oid, inherited boolean, schema_name text, table_name text, trigger_name text, for_rows boolean, enabled text, as_made boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT c.oid, pgaudit_py.root_of(c.oid), t.tgparentid <> 0, n.nspname::text, c.relname::text, t.tgname::text, p.proname = 'capture_' || tracked_id, t.tgenabled::text,
           -- After each row of an INSERT, UPDATE or DELETE, 29; before the statement of a TRUNCATE, 34.
           t.tgtype = CASE p.proname WHEN 'capture_' || tracked_id THEN 29 ELSE 34 END AND t.tgqual IS NULL AND t.tgattr = ''
               AND NOT t.tgdeferrable AND t.tgconstraint = 0
    FROM pg_proc AS p
    JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal
    JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace
        AND p.proname IN ('capture_' || tracked_id, 'capture_' || tracked_id || '_truncate')
    ORDER BY n.nspname, c.relname, t.tgname
$$;

CREATE FUNCTION pgaudit_py.base_type(type oid) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH RECURSIVE base AS (
        SELECT t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.oid = base_type.type
        UNION ALL
        SELECT t.oid, t.typtype, t.typbasetype FROM base JOIN pg_type AS t ON t.oid = base.typbasetype
        WHERE base.typtype = 'd'
    )
    SELECT base.oid FROM base WHERE base.typtype <> 'd'
$$;

CREATE FUNCTION pgaudit_py.baseline_batch(subject_type text, batch_rows integer, again boolean DEFAULT false, OUT outcome text, OUT rows bigint, OUT read bigint, OUT total bigint, OUT passed bigint, OUT done boolean, OUT estimated bigint, OUT seconds double precision) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET max_parallel_workers_per_gather TO '0'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $_$
DECLARE
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    held record;
    leaves oid[];
    addresses tid[];
    last_key jsonb;
    began timestamptz;
BEGIN
    PERFORM pgaudit_py.check_baseline(subject_type, relation, key, batch_rows);
    held := pgaudit_py.baseline_position(subject_type, relation, key, again);
    done := (held.reached -> 'done')::boolean;
    outcome := CASE WHEN done THEN 'unchanged' WHEN held.reached -> 'after' = 'null' THEN 'taken' ELSE 'continued' END;
    SELECT sum(c.reltuples) FILTER (WHERE c.reltuples >= 0) INTO estimated FROM pg_class AS c
    WHERE c.oid IN (SELECT t.relid FROM pg_partition_tree(relation) AS t WHERE t.isleaf UNION SELECT relation) AND c.relkind <> 'p';
    rows := 0;
    read := 0;
    seconds := 0;
    IF NOT done THEN
        EXECUTE format('LOCK TABLE %s IN SHARE MODE', pgaudit_py.rows_of(relation));
        began := clock_timestamp();
        EXECUTE format('SELECT array_agg(p.leaf), array_agg(p.address) FROM (%s) AS p', pgaudit_py.keyset_query(relation, key,
            nullif(ARRAY(SELECT jsonb_array_elements_text(nullif(held.reached -> 'after', 'null'))), '{}'), batch_rows))
        INTO leaves, addresses;
        SELECT s.rows, s.read INTO rows, read
        FROM pgaudit_py.baseline_some(relation, subject_type, leaves, addresses, (held.reached -> 'every')::boolean) AS s;
        done := read < batch_rows AND read = coalesce(cardinality(addresses), 0);
        IF read > 0 THEN
            EXECUTE format('SELECT jsonb_build_array(%s) FROM %s AS live WHERE live.tableoid = $1 AND live.ctid = $2',
                (SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position)
                 FROM unnest(key) WITH ORDINALITY AS k(name, position)), pgaudit_py.rows_of(relation))
            INTO STRICT last_key USING leaves[read], addresses[read];
        END IF;
        UPDATE pgaudit_py.tracked_table SET baseline = held.reached || jsonb_build_object(
            'after', coalesce(last_key, held.reached -> 'after'), 'done', done,
            'rows', (held.reached -> 'rows')::bigint + rows, 'read', (held.reached -> 'read')::bigint + read)
        WHERE id = held.id;
        seconds := extract(epoch FROM clock_timestamp() - began);
    END IF;
    total := (held.reached -> 'rows')::bigint + rows;
    passed := (held.reached -> 'read')::bigint + read;
END
$_$;

CREATE FUNCTION pgaudit_py.baseline_position(subject_type text, relation oid, key text[], again boolean, OUT id integer, OUT reached jsonb) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    sort_order CONSTANT jsonb := (
        SELECT jsonb_agg(format('%s %s %s', a.attnum, format_type(a.atttypid, -1), a.attcollation::regcollation) ORDER BY k.position)
        FROM unnest(key) WITH ORDINALITY AS k(name, position)
        JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped);
BEGIN
    SELECT t.id, t.baseline INTO id, reached FROM pgaudit_py.tracked_table AS t
    WHERE t.subject_type = baseline_position.subject_type AND t.removed_at IS NULL FOR UPDATE;
    IF reached IS NULL OR reached -> 'by' IS DISTINCT FROM sort_order OR (again AND (reached -> 'done')::boolean) THEN
        reached := jsonb_build_object('after', NULL, 'rows', 0, 'read', 0, 'done', false, 'by', sort_order,
            'every', again OR coalesce((reached -> 'every')::boolean, false));
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.baseline_rows(relation oid, subject_type text, leaves oid[], addresses tid[], every boolean) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_seqscan TO 'off'
    AS $_$
DECLARE
    columns CONSTANT jsonb := pgaudit_py.watched_columns(relation);
    shape CONSTANT pgaudit_py.table_shape := pgaudit_py.newest_shape(relation);
    drifted CONSTANT boolean := shape.columns IS DISTINCT FROM columns;
    who CONSTANT record := pgaudit_py.context();
    marks CONSTANT jsonb := coalesce(who.metadata, '{}') || '{"_label": "baseline"}'
        || CASE WHEN drifted THEN jsonb_build_object('_drift', columns) ELSE '{}' END;
    written bigint;
BEGIN
    EXECUTE format($query$
        INSERT INTO pgaudit_py.activity_log (
            operation, action, subject_type, subject_id, old_tid, new_tid, causer_type, causer_id, ip, user_agent, request_id,
            metadata, snapshot, omitted, shape_id)
        SELECT 'S', 'snapshot', $1, CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END, r.address, r.address,
               $4, $5, $6, $7, $8,
               $9 || CASE WHEN octet_length(r.subject_id) <= 2000 THEN '{}'::jsonb ELSE '{"_key": "too long"}' END || pgaudit_py.place_of(r.leaf, $14),
               w.kept, nullif($10 || coalesce(w.omitted, '{}'), '{}'), $11
        FROM (SELECT picked.leaf, picked.address, picked.ordinal, %s AS subject_id, %s AS state
              FROM unnest($15, $2) WITH ORDINALITY AS picked(leaf, address, ordinal)
              JOIN %s AS live ON live.tableoid = picked.leaf AND live.ctid = picked.address) AS r
        CROSS JOIN LATERAL pgaudit_py.within_limit($12, r.state, $13) AS w
        WHERE $3 OR NOT EXISTS (SELECT FROM pgaudit_py.activity_log AS l WHERE l.subject_type = $1
                                AND l.subject_id = r.subject_id AND l.operation IN ('I', 'S'))
            OR r.subject_id IN (SELECT l.subject_id FROM pgaudit_py.activity_log AS l WHERE l.subject_type = $1
                                AND l.previous_subject_id IS NOT NULL)
        ORDER BY r.ordinal $query$,
        pgaudit_py.subject_expression(pgaudit_py.key_of(relation), 'live'),
        pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(relation))
    USING subject_type, addresses, every, who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id, marks,
        coalesce(pgaudit_py.redacted_of(columns), '{}'), CASE WHEN NOT drifted THEN shape.id END,
        columns, pgaudit_py.value_limit(pgaudit_py.shape_in_force(relation)), relation, leaves;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$_$;

CREATE FUNCTION pgaudit_py.baseline_some(relation oid, subject_type text, leaves oid[], addresses tid[], every boolean, OUT rows bigint, OUT read integer) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    read := coalesce(cardinality(addresses), 0);
    rows := 0;
    WHILE read > 0 LOOP
        BEGIN
            rows := pgaudit_py.baseline_rows(relation, subject_type, leaves[:read], addresses[:read], every);
            RETURN;
        EXCEPTION WHEN OTHERS THEN
            IF read = 1 THEN
                PERFORM pgaudit_py.record_state(relation, leaves[1], addresses[1], subject_type, 'baseline');
                rows := 1;
                RETURN;
            END IF;
            read := greatest(read / 10, 1);
        END;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.begin_epoch() RETURNS integer
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    noted CONSTANT bigint := (SELECT s.cluster FROM pgaudit_py.table_shape AS s ORDER BY s.id DESC LIMIT 1);
    begun CONSTANT integer := coalesce((SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1), 0) + 1;
BEGIN
    IF (noted <> pgaudit_py.cluster()) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    EXECUTE format('ALTER TABLE pgaudit_py.activity_log ALTER COLUMN epoch SET DEFAULT %s', begun);
    RETURN begun;
END
$$;

CREATE FUNCTION pgaudit_py.begin_install(tracked_id integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    UPDATE pgaudit_py.tracked_table AS k SET installing = pg_current_xact_id()::text::bigint WHERE k.id = tracked_id
$$;

CREATE FUNCTION pgaudit_py.bereft_tables(tag text) RETURNS TABLE(tracked_id integer, relation oid)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    gone oid[];
    left_over oid[];
BEGIN
    SELECT coalesce(array_agg(d.objid) FILTER (WHERE c.oid IS NULL AND d.object_type = 'table'), '{}'),
           coalesce(array_agg(DISTINCT coalesce(pg_partition_root(c.oid)::oid, c.oid)) FILTER (WHERE c.oid IS NOT NULL), '{}')
    INTO gone, left_over
    FROM pg_event_trigger_dropped_objects() AS d
    -- A trigger that is gone names its table. Not by to_regclass(), which refuses where one may not use the schema.
    CROSS JOIN LATERAL (
        SELECT CASE d.object_type
            WHEN 'trigger' THEN (
                SELECT t.oid FROM pg_class AS t JOIN pg_namespace AS n ON n.oid = t.relnamespace
                WHERE n.nspname = d.address_names[1] AND t.relname = d.address_names[2])
            ELSE (SELECT t.oid FROM pg_class AS t WHERE t.oid = d.objid) END) AS c(oid)
    WHERE d.object_type IN ('table', 'table column', 'trigger') AND NOT d.is_temporary;
    IF gone <> '{}' THEN
        RETURN QUERY SELECT k.id, pgaudit_py.own_table(k.id)
        FROM pgaudit_py.tracked_table AS k
        WHERE k.removed_at IS NULL AND (
            k.partitions ?| gone::text[]
            OR (SELECT s.relation FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) = ANY (gone));
    END IF;
    IF tag = 'DROP INDEX' THEN  -- it may have been what made a key of columns; which table's, nobody says any more
        left_over := left_over || ARRAY(
            SELECT c.oid
            FROM pgaudit_py.tracked_table AS k JOIN pg_class AS c ON c.oid = pgaudit_py.own_table(k.id)
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname IN (
                SELECT d.schema_name FROM pg_event_trigger_dropped_objects() AS d WHERE d.object_type = 'index'));
    END IF;
    IF left_over <> '{}' THEN
        RETURN QUERY SELECT * FROM pgaudit_py.tracked_among(left_over);
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.bind_restore(marks jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    before CONSTANT jsonb := (
        SELECT jsonb_object_agg(name, coalesce(current_setting('pgaudit_py.' || name, true), ''))
        FROM unnest('{causer_type,causer_id,ip,user_agent,request_id,metadata,action,stamp}'::text[]) AS name);
    who record;
    metadata jsonb;
BEGIN
    who := pgaudit_py.context();
    metadata := coalesce(who.metadata, '{}') || marks;
    IF octet_length(metadata::text) > 8192 THEN  -- what parse_metadata() takes
        metadata := jsonb_build_object('_invalid', left(who.metadata::text, 512)) || marks;
    END IF;
    PERFORM pgaudit_py.unbind_restore(jsonb_build_object(
        'causer_type', who.causer_type, 'causer_id', who.causer_id, 'ip', who.ip, 'user_agent', who.user_agent,
        'request_id', who.request_id, 'metadata', metadata::text, 'action', 'restored',
        'stamp', extract(epoch FROM now())::text));
    RETURN before;
END
$$;

CREATE FUNCTION pgaudit_py.broken_laws() RETURNS TABLE(law text, id bigint)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE FUNCTION pgaudit_py.can_read_rows(relation oid, key bigint[], columns jsonb DEFAULT NULL::jsonb, leaf oid DEFAULT NULL::oid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM count(*) FROM pgaudit_py.live_rows(relation, key, columns, NULL, leaf);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;

CREATE FUNCTION pgaudit_py.capture_slowly(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, key smallint[], shape_id integer, fingerprint text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pgaudit_py.record_change(relation, tg_op, old_row, new_row, old_tid, new_tid, subject_type,
        pgaudit_py.shape_given(shape_id, fingerprint));
END
$$;

CREATE FUNCTION pgaudit_py.capture_truncated(relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pgaudit_py.record_truncation(relation, subject_type, pgaudit_py.shape_given(shape_id, fingerprint), row_limit);
END
$$;

CREATE FUNCTION pgaudit_py.catalog_columns(relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT coalesce(jsonb_object_agg(attname, jsonb_build_object(
        'attnum', attnum,
        'type', format_type(atttypid, -1),
        'encoding', pgaudit_py.encoding_of(atttypid),
        'generated', attgenerated <> '',
        'identity', attidentity <> ''
    ) || CASE WHEN attinhcount = 0 THEN '{}' ELSE '{"inherited": true}'::jsonb END || CASE WHEN attgenerated = '' THEN '{}' ELSE jsonb_build_object('sources', (
        SELECT coalesce(jsonb_agg(s.source ORDER BY s.source), '[]') FROM pgaudit_py.sources_of(attrelid, attnum) AS s)) END), '{}')
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$$;

CREATE FUNCTION pgaudit_py.chains(before integer[], OUT number integer, OUT head integer, OUT depth integer) RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    heads integer[] := before;   -- of the length that is needed
    depths integer[] := before;
    known boolean[] := array_fill(false, ARRAY[coalesce(cardinality(before), 0)]);
    path integer[];
    member integer;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(before), 0) LOOP
        path := '{}';
        member := i;
        WHILE NOT known[member] LOOP
            known[member] := true;
            heads[member] := member;
            depths[member] := 0;
            path := member || path;
            member := before[member];
        END LOOP;
        FOREACH member IN ARRAY path LOOP
            IF before[member] IS NOT NULL THEN
                heads[member] := heads[before[member]];
                depths[member] := depths[before[member]] + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT h.position::integer, h.head, h.depth
    FROM unnest(heads, depths) WITH ORDINALITY AS h(head, depth, position);
END
$$;

CREATE FUNCTION pgaudit_py.check_baseline(subject_type text, relation oid, key text[], batch_rows integer) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_nullable(subject_type)
            USING ERRCODE = 'PGA03', HINT = concat('Run `pgaudit-py install --table ', subject_type, '`.');
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key, by which a baseline could say whose state it records', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    ELSIF (batch_rows >= 1) IS NOT TRUE THEN
        RAISE EXCEPTION 'batch_rows is %', batch_rows USING ERRCODE = 'PGA11', HINT = 'Give a number from 1 on.';
    ELSIF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE EXCEPTION 'a baseline has to see what was committed until it held the table'
            USING ERRCODE = 'PGA11', HINT = 'Take it in transactions that are READ COMMITTED.';
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.check_event(action text, subject_type text, subject_id text, metadata jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF coalesce(action, '') = '' OR length(action) > 512 THEN
        RAISE EXCEPTION 'an action needs a name of 1 to 512 characters'
            USING ERRCODE = 'PGA11', HINT = 'Name it as people will read it: published, login.';
    ELSIF jsonb_typeof(metadata) <> 'object' THEN
        RAISE EXCEPTION 'metadata is no object, but: %', jsonb_typeof(metadata)
            USING ERRCODE = 'PGA11', HINT = 'Give names to what you want to record: {"channel": "rss"}.';
    ELSIF subject_id IS NOT NULL AND subject_type IS NULL THEN
        RAISE EXCEPTION 'subject_id % has no subject_type', quote_literal(left(subject_id, 100))
            USING ERRCODE = 'PGA11', HINT = 'Name the kind of record as well.';
    ELSIF octet_length(subject_type) > 512 OR octet_length(subject_id) > 2000 THEN
        RAISE EXCEPTION 'the subject is too long for the log''s index: % and % bytes',
            octet_length(subject_type), octet_length(subject_id)
            USING ERRCODE = 'PGA11', HINT = 'Keep subject_type to 512 bytes and subject_id to 2000.';
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.check_grant(role text, as_what text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    owner CONSTANT oid := (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py');
BEGIN
    IF (as_what IN ('app', 'reader', 'restorer')) IS NOT TRUE THEN
        RAISE EXCEPTION '% is no role of the audit trail', quote_nullable(as_what)
            USING ERRCODE = 'PGA11', HINT = 'Choose app, reader or restorer.';
    ELSIF lower(role) = 'public' THEN
        RAISE EXCEPTION 'PUBLIC is everybody, and not everybody may write to the log or read it'
            USING ERRCODE = 'PGA11', HINT = 'Name roles. To be recorded, nobody needs a grant.';
    ELSIF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'there is no role %', quote_nullable(role)
            USING ERRCODE = 'PGA11', HINT = 'Write its name as the catalog does, without quotes; or make it with CREATE ROLE.';
    ELSIF NOT pg_has_role(owner, 'USAGE') THEN
        RAISE EXCEPTION 'schema pgaudit_py belongs to %, and only its owner says who may do what there', pg_get_userbyid(owner)
            USING ERRCODE = 'insufficient_privilege', HINT = format('Connect as %s, or as a member of that role.', pg_get_userbyid(owner));
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF pgaudit_py.has_drifted(pgaudit_py.root_of(relation), fingerprint) THEN
        RETURN false;
    END IF;
    IF token IS NOT NULL THEN
        PERFORM set_config(setting, token, false);
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION pgaudit_py.clear_actor() RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT
        set_config('pgaudit_py.causer_type', '', true),
        set_config('pgaudit_py.causer_id', '', true),
        set_config('pgaudit_py.ip', '', true),
        set_config('pgaudit_py.user_agent', '', true),
        set_config('pgaudit_py.request_id', '', true),
        set_config('pgaudit_py.metadata', '', true),
        set_config('pgaudit_py.action', '', true),
        set_config('pgaudit_py.stamp', '', true);
$$;

CREATE FUNCTION pgaudit_py.cluster() RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF has_function_privilege('pg_control_system()', 'EXECUTE') THEN
        RETURN (SELECT c.system_identifier FROM pg_control_system() AS c);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION pgaudit_py.column_differences(before jsonb, after jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH pair AS (
        SELECT b.key AS was, a.key AS name, b.value ->> 'type' AS was_type, a.value ->> 'type' AS type,
               coalesce(b.value -> 'generated', 'false') AS was_generated, coalesce(a.value -> 'generated', 'false') AS generated
        FROM jsonb_each(pgaudit_py.essential_columns(before)) AS b
        FULL JOIN jsonb_each(pgaudit_py.essential_columns(after)) AS a ON a.value ->> 'attnum' = b.value ->> 'attnum'
    )
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'added', jsonb_object_agg(p.name, p.type) FILTER (WHERE p.was IS NULL),
        'dropped', jsonb_object_agg(p.was, p.was_type) FILTER (WHERE p.name IS NULL),
        'renamed', jsonb_object_agg(p.was, p.name) FILTER (WHERE p.was <> p.name),
        'retyped', jsonb_object_agg(p.name, jsonb_build_array(p.was_type, p.type)) FILTER (WHERE p.was_type <> p.type),
        'generated', jsonb_object_agg(p.name, jsonb_build_array(p.was_generated, p.generated))
            FILTER (WHERE p.was IS NOT NULL AND p.name IS NOT NULL AND p.was_generated <> p.generated)))
    FROM pair AS p
$$;

CREATE FUNCTION pgaudit_py.columns_at(subject_type text, at timestamp with time zone, OUT columns jsonb, OUT since timestamp with time zone) RETURNS record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.columns, s.created_at
    FROM pgaudit_py.tracked_table AS t
    JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = t.id
    WHERE t.subject_type = columns_at.subject_type AND s.created_at <= at
    ORDER BY s.created_at DESC, s.id DESC LIMIT 1
$$;

CREATE FUNCTION pgaudit_py.context(OUT action text, OUT causer_type text, OUT causer_id text, OUT ip inet, OUT user_agent text, OUT request_id text, OUT metadata jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    -- A setting is NULL before its first use in a session and '' after a transaction that set it.
    stamp text := current_setting('pgaudit_py.stamp', true);
    given_ip text;
    given_metadata text;
BEGIN
    IF stamp <> '' AND stamp <> extract(epoch FROM now())::text THEN
        metadata := '{"_stale": true}';
        RETURN;
    END IF;
    action := nullif(left(current_setting('pgaudit_py.action', true), 512), '');
    causer_type := nullif(left(current_setting('pgaudit_py.causer_type', true), 512), '');
    causer_id := nullif(left(current_setting('pgaudit_py.causer_id', true), 512), '');
    user_agent := nullif(left(current_setting('pgaudit_py.user_agent', true), 512), '');
    request_id := nullif(left(current_setting('pgaudit_py.request_id', true), 512), '');
    given_ip := nullif(left(current_setting('pgaudit_py.ip', true), 512), '');
    given_metadata := nullif(current_setting('pgaudit_py.metadata', true), '');
    IF given_metadata IS NOT NULL THEN
        metadata := pgaudit_py.parse_metadata(given_metadata);
    END IF;
    IF given_ip IS NOT NULL THEN
        BEGIN
            ip := given_ip::inet;
        EXCEPTION WHEN OTHERS THEN
            metadata := coalesce(metadata, '{}') || jsonb_build_object('_ip', given_ip);
        END;
    END IF;
    IF stamp IS NULL OR stamp = '' THEN
        IF num_nonnulls(action, causer_type, causer_id, user_agent, request_id, given_ip, given_metadata) > 0 THEN
            metadata := coalesce(metadata, '{}') || '{"_bare": true}';
        END IF;
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.current_key(activity_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    ids bigint[];
    ending record;
    birth bigint := activity_id;
BEGIN
    LOOP
        SELECT array_agg(l.id ORDER BY l.ordinal) INTO ids FROM pgaudit_py.life(birth) AS l;
        SELECT l.subject_type, l.subject_id, l.operation INTO ending
        FROM pgaudit_py.activity_log AS l WHERE l.id = ids[cardinality(ids)];
        IF ending.operation NOT IN ('D', 'T') THEN
            RETURN ending.subject_id;
        END IF;
        SELECT max(l.id) INTO birth FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = ending.subject_type AND l.operation = 'I' AND l.id > ids[1]
            AND l.subject_id IN (SELECT s.subject_id FROM pgaudit_py.activity_log AS s WHERE s.id = ANY (ids))
            AND l.metadata ->> '_restored_from' = ANY (ids::text[]);
        IF birth IS NULL THEN
            RETURN NULL;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.decode_row(INOUT row_type anyelement, state jsonb) RETURNS anyelement
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET array_nulls TO 'on'
    SET xmloption TO 'content'
    AS $_$
DECLARE
    fields text;
BEGIN
    SELECT string_agg(
        CASE WHEN pgaudit_py.encoding_of(a.atttypid) = 'jsonb' AND a.atttypid = 'jsonb'::regtype
             THEN format('$1 -> %L', a.attname)
             WHEN pgaudit_py.encoding_of(a.atttypid) = 'jsonb'
             THEN format('($1 -> %L)::%s', a.attname, format_type(a.atttypid, -1))
             -- A literal goes to the type's input function; a cast from text may be one that the type's owner made.
             ELSE format('%L::%s', state ->> a.attname, format_type(a.atttypid, -1)) END, ', ' ORDER BY a.attnum)
    INTO fields
    FROM pg_type AS t JOIN pg_attribute AS a ON a.attrelid = t.typrelid
    WHERE t.oid = pg_typeof(row_type) AND a.attnum > 0 AND NOT a.attisdropped;
    IF fields IS NULL THEN
        RAISE EXCEPTION '% is no table''s row type', pg_typeof(row_type)
            USING ERRCODE = 'PGA11', HINT = 'Give NULL::posts for table posts.';
    END IF;
    EXECUTE 'SELECT ' || fields INTO row_type USING state;
END
$_$;

CREATE FUNCTION pgaudit_py.departed(tracked_id integer, relation oid, by_log boolean) RETURNS TABLE(leaf bigint, name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH known AS (
        SELECT k.*, pgaudit_py.shift_of(departed.relation, to_jsonb(s)) IS NOT NULL AS elsewhere, pgaudit_py.leaves_of(departed.relation) AS present
        FROM pgaudit_py.tracked_table AS k
        JOIN LATERAL (
            SELECT s.* FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS s ON true
        WHERE k.id = tracked_id
    ), was AS (
        SELECT w.oid::bigint AS leaf, w.name, k.elsewhere, k.present FROM known AS k CROSS JOIN jsonb_each_text(k.partitions) AS w(oid, name)
        UNION
        SELECT (l.metadata -> '_leaf')::bigint, max(l.metadata ->> '_partition'), k.elsewhere, k.present
        FROM known AS k
        JOIN pgaudit_py.activity_log AS l ON l.subject_type = k.subject_type AND l.created_at >= k.partitions_at
            AND l.metadata ? '_leaf' AND l.operation IN ('I', 'U', 'S')
        WHERE by_log
        GROUP BY 1, 3, 4
    )
    SELECT was.leaf, was.name
    FROM was
    WHERE NOT CASE WHEN was.elsewhere THEN EXISTS (SELECT FROM jsonb_each_text(was.present) AS l(oid, name) WHERE l.name = was.name)
                   ELSE was.present ? was.leaf::text END
    GROUP BY was.leaf, was.name
$$;

CREATE FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.diff_states(
        (SELECT coalesce(jsonb_object_agg(coalesce(c.now, s.name), s.value), '{}')
         FROM jsonb_each(earlier.state) AS s(name, value) LEFT JOIN jsonb_each_text(called.now) AS c(name, now) USING (name)
         WHERE NOT coalesce(later.unknown ? c.now, false)),
        later.state - ARRAY(SELECT called.now ->> u.name FROM jsonb_object_keys(earlier.unknown) AS u(name)
                            WHERE called.now ? u.name))
    FROM pgaudit_py.version_at(from_version) AS earlier, pgaudit_py.version_at(to_version) AS later
    -- How the later version calls the columns of the earlier one.
    CROSS JOIN LATERAL (
        SELECT coalesce(jsonb_object_agg(e.name, l.name), '{}') AS now
        FROM jsonb_each(earlier.columns) AS e(name, description)
        JOIN jsonb_each(later.columns) AS l(name, description) ON l.description -> 'attnum' = e.description -> 'attnum'
    ) AS called
$$;

CREATE FUNCTION pgaudit_py.diff_incomplete(columns jsonb, old_state jsonb, old_omitted jsonb, new_state jsonb, new_omitted jsonb, OUT changes jsonb, OUT omitted jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    same text[];
BEGIN
    BEGIN
        changes := coalesce(pgaudit_py.diff_states(old_state, new_state), '{}');
    EXCEPTION WHEN OTHERS THEN  -- both sides together are too large for one value: neither is kept
        changes := '{}';
        same := ARRAY(SELECT o.key FROM jsonb_each(old_state) AS o JOIN jsonb_each(new_state) AS n USING (key)
                      WHERE o.value::text = n.value::text);
        old_omitted := coalesce(old_omitted, '{}')
            || coalesce((SELECT w.omitted FROM pgaudit_py.within_limit(columns, old_state - same, -1) AS w), '{}');
        new_omitted := coalesce(new_omitted, '{}')
            || coalesce((SELECT w.omitted FROM pgaudit_py.within_limit(columns, new_state - same, -1) AS w), '{}');
    END;
    IF old_omitted IS NULL AND new_omitted IS NULL THEN
        RETURN;
    END IF;
    SELECT (changes - coalesce(array_agg(s.name) FILTER (WHERE s.unread IS NOT NULL), '{}'))
               || coalesce(jsonb_object_agg(s.name, coalesce(changes -> s.name, '{}'))
                           FILTER (WHERE s.unread IS NULL AND s.before IS DISTINCT FROM s.after), '{}'),
           jsonb_object_agg(s.name, CASE
               WHEN s.unread IS NOT NULL THEN s.unread
               WHEN s.before IS NULL OR s.before = s.after THEN s.after
               ELSE coalesce(s.after, '{"why": "size"}') || jsonb_build_object('old', s.before - 'why') END)
    INTO changes, omitted
    FROM (
        SELECT name, o.entry AS before, n.entry AS after,
               CASE WHEN n.entry ->> 'why' = 'error' THEN n.entry WHEN o.entry ->> 'why' = 'error' THEN o.entry END AS unread
        FROM jsonb_each(old_omitted) AS o(name, entry) FULL JOIN jsonb_each(new_omitted) AS n(name, entry) USING (name)
    ) AS s;
END
$$;

CREATE FUNCTION pgaudit_py.diff_states(old_state jsonb, new_state jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT jsonb_object_agg(
        name,
        CASE WHEN o.value IS NULL THEN '{}' ELSE jsonb_build_object('old', o.value) END
        || CASE WHEN n.value IS NULL THEN '{}' ELSE jsonb_build_object('new', n.value) END)
    FROM jsonb_each(old_state) AS o(name, value) FULL JOIN jsonb_each(new_state) AS n(name, value) USING (name)
    WHERE o.value::text IS DISTINCT FROM n.value::text
$$;

CREATE FUNCTION pgaudit_py.digest_of(value text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    written bytea;
BEGIN
    BEGIN
        written := convert_to(value, 'UTF8');
    EXCEPTION WHEN OTHERS THEN
        written := convert_to(value, getdatabaseencoding());
    END;
    RETURN jsonb_build_object('bytes', octet_length(written), 'sha256', encode(sha256(written), 'hex'));
END
$$;

CREATE FUNCTION pgaudit_py.doctor() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
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
$$;

CREATE FUNCTION pgaudit_py.doctor_caller() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $_$
    SELECT 'limited', 'pgaudit_py', format('%s may not migrate: the schema belongs to %s', current_user, pg_get_userbyid(n.nspowner)),
        CASE WHEN pg_has_role(n.nspowner, 'USAGE')
            THEN format('Connect as %1$s; or name it, where you trust it: --owner %1$s.', pg_get_userbyid(n.nspowner))
            ELSE format('Connect as %s for migrate and install.', pg_get_userbyid(n.nspowner)) END
    FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py' AND pg_get_userbyid(n.nspowner) <> current_user
    UNION ALL
    -- Whoever may not migrate has been told so: for it, this would be no news.
    SELECT 'limited', k.subject_type,
        format('%s may neither sync nor uninstall it: %s belongs to %s', current_user, c.oid::regclass, pg_get_userbyid(c.relowner)),
        format('Connect as %1$s, or as a member of that role.', pg_get_userbyid(c.relowner))
    FROM pgaudit_py.tracked_table AS k
    JOIN pg_class AS c ON c.oid = pgaudit_py.live_table(k.subject_type)
    JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND pg_has_role(n.nspowner, 'USAGE')
    WHERE k.removed_at IS NULL AND NOT pg_has_role(c.relowner, 'USAGE')
    UNION ALL
    SELECT 'limited', 'this database',
        'no event trigger watches the tables: that one is altered, or its trigger dropped or disabled, is noticed by `pgaudit-py status` only',
        'Have a superuser run `pgaudit-py migrate --event-trigger`; or run `pgaudit-py status` regularly: it exits with 3 where something is wrong.'
    WHERE (SELECT count(DISTINCT e.evtevent) FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = e.evtfoid
           WHERE p.pronamespace = 'pgaudit_py'::regnamespace) < 2
    UNION ALL
    SELECT 'wrong', format('event trigger %I', e.evtname), 'it does not fire in every session', format('Run `ALTER EVENT TRIGGER %I ENABLE ALWAYS`.', e.evtname)
    FROM pg_event_trigger AS e JOIN pg_proc AS p ON p.oid = e.evtfoid AND p.pronamespace = 'pgaudit_py'::regnamespace WHERE e.evtenabled <> 'A'
$_$;

CREATE FUNCTION pgaudit_py.doctor_columns() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $_$
    WITH seen AS (
        SELECT w.name, w.type, w.value, a.attnum, format_type(a.atttypid, a.atttypmod) AS found_type,
               regexp_replace(pg_get_expr(d.adbin, d.adrelid), '^[0-9]+$', '1') AS found_value
        FROM pgaudit_py.log_columns() AS w
        LEFT JOIN pg_attribute AS a ON a.attrelid = 'pgaudit_py.activity_log'::regclass AND a.attname = w.name AND NOT a.attisdropped
        LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    ), view AS (
        -- It stands in the way of whoever changes a type, and functions of ours stand behind it.
        SELECT format('CREATE VIEW %1$s WITH (security_invoker = true) AS %2$s ALTER VIEW %1$s OWNER TO %3$I;%4$s',
            c.oid::regclass, pg_get_viewdef(c.oid, true), pg_get_userbyid(c.relowner),
            (SELECT string_agg(format(' GRANT %s ON %s TO %s;', a.privilege_type, c.oid::regclass,
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END), '')
             FROM aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner)) AS anew
        FROM pg_class AS c WHERE c.oid = to_regclass('pgaudit_py.versions')
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s is gone, and writes fail', seen.name),
        format('Run `ALTER TABLE pgaudit_py.activity_log ADD COLUMN %I %s%s`.', seen.name, seen.type, ' DEFAULT ' || seen.value)
    FROM seen WHERE seen.attnum IS NULL
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s is of type %s, not %s', seen.name, seen.found_type, seen.type),
        format('Run `DROP VIEW IF EXISTS pgaudit_py.versions CASCADE; ALTER TABLE pgaudit_py.activity_log ALTER COLUMN %1$I TYPE %2$s USING %1$I::%2$s; %3$s`, '
            'which writes the log anew, and lets nobody write meanwhile; then `pgaudit-py migrate`.', seen.name, seen.type, view.anew)
    FROM seen LEFT JOIN view ON true WHERE seen.found_type <> seen.type
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its column %s has the default %s, not %s', seen.name, coalesce(seen.found_value, 'NULL'), coalesce(seen.value, 'NULL')),
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN %I %s`.', seen.name, coalesce('SET DEFAULT ' || seen.value, 'DROP DEFAULT'))
    FROM seen WHERE seen.attnum IS NOT NULL AND seen.value IS DISTINCT FROM seen.found_value
    UNION ALL
    SELECT 'wrong', c.oid::regclass::text, 'it reads the log with the rights of its owner, for whoever may read it',
        format('Run `ALTER VIEW %s SET (security_invoker = true)`.', c.oid::regclass)
    FROM pg_class AS c
    WHERE c.oid = to_regclass('pgaudit_py.versions')
        AND NOT EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'security_invoker' AND o.option_value::boolean)
$_$;

CREATE FUNCTION pgaudit_py.doctor_functions() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH f AS (
        SELECT o.oid, o.name, o.class, p.proname, p.proowner, p.prosecdef, p.proconfig, n.nspowner
        FROM pgaudit_py.own_functions() AS o
        JOIN pg_proc AS p ON p.oid = o.oid
        JOIN pg_namespace AS n ON n.oid = p.pronamespace
    )
    SELECT 'wrong', coalesce(f.name, 'pgaudit_py.' || split_part(split_part(e.name, '/', 2), '.', 1)),
        CASE WHEN e.is_missing THEN 'it is gone' ELSE 'it is not as this library made it: somebody changed it' END, 'Run `pgaudit-py migrate`.'
    FROM pgaudit_py.edited_functions() AS e
    LEFT JOIN f ON e.name = 'functions/' || f.proname || '.sql' AND f.class IS NOT NULL
    UNION ALL
    SELECT 'wrong', f.name,
        CASE WHEN f.prosecdef THEN 'it is none of ours, and runs with its owner''s rights' ELSE 'it is none of ours' END, format('Run `DROP ROUTINE %s`.', f.name)
    FROM f WHERE f.class IS NULL
    UNION ALL
    SELECT 'wrong', f.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(f.proowner)),
        format('Run `ALTER FUNCTION %s OWNER TO %I`.', f.name, pg_get_userbyid(f.nspowner))
    FROM f WHERE f.proowner <> f.nspowner AND f.class IS NOT NULL
    UNION ALL
    SELECT 'wrong', f.name, 'it runs with its owner''s rights, and names mean in it what its caller wants',
        format('Run `ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp`.', f.name)
    FROM f
    WHERE f.prosecdef AND f.class IS NOT NULL
        AND NOT coalesce(f.proconfig, '{}') && '{"search_path=pg_catalog, pg_temp","search_path=\"pg_catalog\", \"pg_temp\""}'
$$;

CREATE FUNCTION pgaudit_py.doctor_guards() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT 'wrong', l.name,
        CASE WHEN t.oid IS NULL THEN 'changes of it are not refused'
             WHEN NOT pgaudit_py.is_guard(t.oid) THEN 'not all changes of it are refused'
             ELSE 'changes of it are not refused in every session' END,
        'Run `pgaudit-py migrate`.'
    FROM pgaudit_py.log_tables() AS l
    LEFT JOIN pg_trigger AS t ON t.tgrelid = l.oid AND t.tgname = 'append_only'
    WHERE t.oid IS NULL OR NOT pgaudit_py.is_guard(t.oid) OR t.tgenabled <> 'A'
$$;

CREATE FUNCTION pgaudit_py.doctor_ids() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $_$
    WITH newest AS (
        SELECT l.id, l.transaction_id, l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1
    ), counter AS (
        SELECT s.*, s.seqrelid::regclass::text AS name, has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AS visible,
               coalesce(v.last_value, 0) AS last_value
        FROM pg_sequence AS s
        JOIN pg_class AS c ON c.oid = s.seqrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_sequences AS v ON (v.schemaname, v.sequencename) = (n.nspname, c.relname)
        WHERE s.seqrelid = pg_get_serial_sequence('pgaudit_py.activity_log', 'id')::regclass
    ), age AS (
        -- A transaction that looks at what it wrote itself is beyond those that have ended.
        SELECT newest.transaction_id, newest.epoch,
               greatest(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_xact_id_if_assigned()::text::bigint + 1) AS next,
               (SELECT pg_get_expr(d.adbin, d.adrelid)
                FROM pg_attrdef AS d JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                WHERE d.adrelid = 'pgaudit_py.activity_log'::regclass AND a.attname = 'epoch') AS present
        FROM newest
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', 'its ids are given by nothing: writes of audited tables fail',
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START %s CACHE 1)`.',
            coalesce((SELECT newest.id + 1 FROM newest), 1))
    WHERE NOT EXISTS (SELECT FROM counter)
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its ids are cached by %s: the order of one row''s changes is lost', counter.seqcache),
        'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET CACHE 1`, and end older sessions.'
    FROM counter WHERE counter.seqcache > 1
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'its ids do not only grow: the order of changes is lost',
        'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET INCREMENT 1 SET NO CYCLE`.'
    FROM counter WHERE counter.seqcycle OR counter.seqincrement < 1
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its ids end at %s, and writes of audited tables with them; they are at %s', counter.seqmax, used.id),
        CASE WHEN counter.seqtypid = 'bigint'::regtype THEN 'Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id SET NO MAXVALUE`.'
             ELSE format('Run `ALTER SEQUENCE %s AS bigint NO MAXVALUE`.', counter.name) END
    FROM counter CROSS JOIN LATERAL (SELECT greatest(counter.last_value, (SELECT newest.id FROM newest)) AS id) AS used
    WHERE counter.seqmax < 9223372036854775807
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('its next ids were given already: the newest is %s, and the next would be %s', newest.id, counter.last_value + 1),
        format('Run `SELECT setval(%L, max(id)) FROM pgaudit_py.activity_log`.', counter.name)
    FROM counter, newest WHERE counter.visible AND counter.last_value < newest.id
    UNION ALL
    SELECT 'limited', 'pgaudit_py.activity_log', format('%s may not see which id comes next', current_user),
        format('Run `GRANT SELECT ON SEQUENCE %s TO %I`, as the owner of the schema.', counter.name, current_user)
    FROM counter WHERE NOT counter.visible
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log',
        format('its newest transaction is %s, and this cluster is at %s: it came by a dump from an older one. Who follows the log waits for that number', age.transaction_id, age.next),
        format('Run `ALTER TABLE pgaudit_py.activity_log ALTER COLUMN epoch SET DEFAULT %s`: what is written from then on is another epoch.', age.epoch + 1)
    FROM age
    WHERE age.transaction_id >= age.next AND CASE WHEN age.present ~ '^[0-9]+$' THEN age.present::integer <= age.epoch END
$_$;

CREATE FUNCTION pgaudit_py.doctor_indexes() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $_$
    WITH wanted(name, what) AS (VALUES
        ('activity_log_subject', '(subject_type, subject_id, id)'),
        ('activity_log_previous', '(subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL)'),
        ('activity_log_causer', '(causer_id, id)'),
        ('activity_log_action', '(action, created_at)'),
        ('activity_log_created_at', '(created_at)'),
        ('activity_log_transaction', '(transaction_id)')
    ), there AS (
        SELECT l.name AS of, l.is_root, i.indexrelid::regclass::text AS name, i.indisprimary, i.indisvalid AND i.indisready AS usable,
               substring(pg_get_indexdef(i.indexrelid) FROM '\(.*$') AS what
        FROM pgaudit_py.log_tables() AS l JOIN pg_index AS i ON i.indrelid = l.oid
    )
    SELECT 'wrong', 'pgaudit_py.activity_log', format('it has no index on %s: reading goes through all of it', w.what),
        format('Run `CREATE INDEX ON pgaudit_py.activity_log %s`. Writers wait for that: of a large log, make the index of each partition '
            'before, with CONCURRENTLY.', w.what)
    FROM wanted AS w WHERE NOT EXISTS (SELECT FROM there WHERE there.is_root AND there.what = w.what)
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'it has no primary key', 'Run `ALTER TABLE pgaudit_py.activity_log ADD PRIMARY KEY (id, created_at)`.'
    WHERE NOT EXISTS (SELECT FROM there WHERE there.is_root AND there.indisprimary)
    UNION ALL
    -- That of the root only stands for those of the partitions, and is valid once all of them are.
    SELECT 'wrong', there.of, format('its index %s is not valid, and not used', there.name),
        CASE WHEN there.is_root THEN format('Run `DROP INDEX %s; CREATE INDEX ON pgaudit_py.activity_log %s`. Writers wait for that.', there.name, there.what)
             ELSE format('Run `REINDEX INDEX CONCURRENTLY %s`.', there.name) END
    FROM there WHERE NOT there.usable
$_$;

CREATE FUNCTION pgaudit_py.doctor_log() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH log AS (
        SELECT l.name, l.is_root, c.* FROM pgaudit_py.log_tables() AS l JOIN pg_class AS c ON c.oid = l.oid
    ), ours AS (
        SELECT log.name, log.relowner FROM log
        UNION
        SELECT c.oid::regclass::text, c.relowner FROM pg_class AS c
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relname IN ('migration', 'tracked_table', 'table_shape', 'versions')
    )
    SELECT 'wrong', log.name, 'it is UNLOGGED: a crash empties it', format('Run `ALTER TABLE %s SET LOGGED`.', log.name)
    FROM log WHERE log.relpersistence = 'u'
    UNION ALL
    SELECT 'wrong', log.name, 'row security is forced on its owner: capture functions may be refused, and writes with them',
        format('Run `ALTER TABLE %s NO FORCE ROW LEVEL SECURITY`.', log.name)
    FROM log WHERE log.relforcerowsecurity
    UNION ALL
    SELECT 'note', log.name, 'row security is on: readers see of it what its policies let them, and a history may have gaps for them',
        format('Where nobody wants that, run `ALTER TABLE %s DISABLE ROW LEVEL SECURITY`.', log.name)
    FROM log WHERE log.is_root AND log.relrowsecurity
    UNION ALL
    SELECT 'wrong', ours.name, format('it belongs to %s, not to the owner of the schema', pg_get_userbyid(ours.relowner)),
        format('Run `ALTER TABLE %s OWNER TO %I`.', ours.name, pg_get_userbyid(n.nspowner))
    FROM ours JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND n.nspowner <> ours.relowner
$$;

CREATE FUNCTION pgaudit_py.doctor_partitions() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    SET "TimeZone" TO 'UTC'
    AS $_$
    WITH month AS (
        SELECT to_char(m.starts, 'YYYY-MM') AS name, format('pgaudit_py.activity_log_%s', to_char(m.starts, 'YYYY_MM')) AS relation,
               m.starts, m.starts + '1 month'::interval AS ends
        FROM generate_series(date_trunc('month', now()), date_trunc('month', now()) + '1 month'::interval, '1 month') AS m(starts)
    ), part AS (
        -- No bound is MINVALUE, or MAXVALUE.
        SELECT l.oid, coalesce(substring(e.bound FROM $$FROM \('(.*)'\) TO$$)::timestamptz, '-infinity') AS starts,
               coalesce(substring(e.bound FROM $$TO \('(.*)'\)$$)::timestamptz, 'infinity') AS ends, e.bound = 'DEFAULT' AS is_default
        FROM pgaudit_py.log_tables() AS l
        JOIN pg_class AS c ON c.oid = l.oid
        CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS e
        WHERE NOT l.is_root
    ), loose AS (
        SELECT c.oid::regclass::text AS name, to_date(substring(c.relname FROM '[0-9]{4}_[0-9]{2}$'), 'YYYY_MM')::timestamptz AS starts,
               c.relname = 'activity_log_default' AS is_default
        FROM pg_class AS c
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^activity_log_(default|[12][0-9]{3}_(0[1-9]|1[0-2]))$'
            AND c.oid NOT IN (SELECT part.oid FROM part)
    ), missing AS (
        SELECT month.*, EXISTS (
            SELECT FROM pgaudit_py.activity_log AS a WHERE a.created_at >= month.starts AND a.created_at < month.ends) AS begun
        FROM month
        WHERE to_regclass(month.relation) IS NULL AND EXISTS (
            -- Its first moment or its last: somebody may have made weeks, or quarters.
            SELECT FROM unnest(ARRAY[month.starts, month.ends - '1 microsecond'::interval]) AS moment
            WHERE NOT EXISTS (
                SELECT FROM part WHERE moment >= part.starts AND moment < part.ends AND NOT part.is_default))
    )
    SELECT CASE WHEN missing.begun THEN 'note' ELSE 'wrong' END, 'pgaudit_py.activity_log',
        format(CASE WHEN missing.begun THEN 'what is recorded in %s lies in the default partition, and stays there'
                    ELSE 'it has no partition for %s: its rows go to the default one' END, missing.name),
        CASE WHEN missing.begun THEN 'Run `pgaudit-py migrate` each month, before it begins.' ELSE 'Run `pgaudit-py migrate`, each month.' END
    FROM missing
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', 'it has no default partition: writes fail once a month has none',
        format('Run `CREATE TABLE pgaudit_py.activity_log_default PARTITION OF pgaudit_py.activity_log DEFAULT; ALTER TABLE pgaudit_py.activity_log_default '
            'OWNER TO %I`, then `pgaudit-py migrate`.', pg_get_userbyid(c.relowner))
    FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
    WHERE p.partrelid = 'pgaudit_py.activity_log'::regclass AND p.partdefid = 0 AND NOT EXISTS (SELECT FROM loose WHERE loose.is_default)
    UNION ALL
    SELECT CASE WHEN loose.is_default OR loose.starts >= date_trunc('month', now()) THEN 'wrong' ELSE 'note' END, loose.name,
        'it is no partition of the log any more: what it holds is not read, and nothing goes there',
        format('%s `ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION %s %s`.',
            CASE WHEN loose.is_default OR loose.starts >= date_trunc('month', now()) THEN 'Run' ELSE 'Where it is to be read, run' END, loose.name,
            CASE WHEN loose.is_default THEN 'DEFAULT'
                 ELSE format('FOR VALUES FROM (%L) TO (%L)', loose.starts, loose.starts + '1 month'::interval) END)
    FROM loose
$_$;

CREATE FUNCTION pgaudit_py.doctor_refusals() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT CASE WHEN t.tgtype & 2 = 0 THEN 'note' ELSE 'wrong' END, l.name,
        format('its trigger %s, which is none of ours, %s', t.tgname,
            CASE WHEN t.tgtype & 2 = 0 THEN 'fails the application''s writes where it fails' ELSE 'can refuse or alter what is recorded' END),
        format('%s `DROP TRIGGER %I ON %s`.', CASE WHEN t.tgtype & 2 = 0 THEN 'Where nobody wants it, run' ELSE 'Run' END, t.tgname, l.name)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_trigger AS t ON t.tgrelid = l.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D' AND t.tgtype & 4 <> 0
    WHERE t.tgname <> 'append_only'
    UNION ALL
    SELECT 'wrong', l.name, format('its rule %s can refuse or alter what is recorded', r.rulename), format('Run `DROP RULE %I ON %s`.', r.rulename, l.name)
    FROM pgaudit_py.log_tables() AS l JOIN pg_rewrite AS r ON r.ev_class = l.oid
    UNION ALL
    SELECT 'wrong', l.name,
        format('its %s %s can refuse what is recorded', CASE k.contype WHEN 'c' THEN 'check' WHEN 'f' THEN 'foreign key' WHEN 'u' THEN 'unique constraint'
                                                                       ELSE 'constraint' END, k.conname),
        format('Run `ALTER TABLE %s DROP CONSTRAINT %I`.', l.name, k.conname)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_constraint AS k ON k.conrelid = l.oid AND k.contype IN ('c', 'f', 'u', 'x') AND k.conparentid = 0 AND k.coninhcount = 0
    UNION ALL
    SELECT 'wrong', l.name, format('its unique index %s can refuse what is recorded', i.indexrelid::regclass), format('Run `DROP INDEX %s`.', i.indexrelid::regclass)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_index AS i ON i.indrelid = l.oid AND i.indisunique
    WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
        AND NOT EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhrelid = i.indexrelid)
    UNION ALL
    SELECT 'wrong', l.name, format('its column %s is NOT NULL, and refuses what has no value for it', a.attname),
        format('Run `ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL`.', l.name, a.attname)
    FROM pgaudit_py.log_tables() AS l
    JOIN pg_attribute AS a ON a.attrelid = l.oid AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped
    LEFT JOIN pgaudit_py.log_columns() AS w ON w.name = a.attname
    WHERE w.required IS NOT TRUE AND NOT (w.name IS NULL AND a.atthasdef)
        AND (l.is_root OR NOT EXISTS (
            SELECT FROM pg_attribute AS above
            WHERE above.attrelid = 'pgaudit_py.activity_log'::regclass AND above.attname = a.attname AND above.attnotnull))
    UNION ALL
    SELECT 'note', 'this database',
        format('event triggers run at each ALTER and CREATE, and can refuse migrate, install and sync: %s', string_agg(e.evtname, ', ' ORDER BY e.evtname)),
        format('Where one is in the way, let a superuser run `%s`, and enable it afterwards.',
            string_agg(format('ALTER EVENT TRIGGER %I DISABLE', e.evtname), '; ' ORDER BY e.evtname))
    FROM pg_event_trigger AS e
    WHERE e.evtenabled <> 'D' AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')
        AND NOT EXISTS (SELECT FROM pg_proc AS p WHERE p.oid = e.evtfoid AND p.pronamespace = 'pgaudit_py'::regnamespace)
    HAVING count(*) > 0
$$;

CREATE FUNCTION pgaudit_py.doctor_rights() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH entry(kind, name, privilege, grantee, harm) AS (
        SELECT 'FUNCTION', o.name, a.privilege_type, a.grantee,
            CASE WHEN a.grantee = 0 THEN 'everybody may execute it'
                 WHEN o.class = 'capture' THEN '%s may execute it, and so put it on another table to forge what is recorded'
                 ELSE '%s may execute it, which is for the owner alone' END
        FROM pgaudit_py.own_functions() AS o
        JOIN pg_proc AS p ON p.oid = o.oid
        CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        -- What is none of ours should not be there at all.
        WHERE a.grantee <> p.proowner AND ((a.grantee = 0 AND o.class IS NOT NULL) OR o.class IN ('capture', 'internal'))
            -- The owner of a partitioned table has to, to create partitions; and could as well write what it likes into it.
            AND NOT EXISTS (
                SELECT FROM pgaudit_py.tracked_table AS k JOIN pg_class AS t ON t.oid = pgaudit_py.own_table(k.id)
                WHERE p.proname = 'capture_' || k.id AND k.partitions IS NOT NULL AND t.relowner = a.grantee)
        UNION ALL
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, a.privilege_type || a.columns, a.grantee,
            CASE WHEN a.privilege_type = 'SELECT' THEN 'everybody may read it' ELSE '%s may ' || a.privilege_type || ', and so forge what is recorded' END
        FROM pg_class AS c
        CROSS JOIN LATERAL (
            SELECT a.privilege_type, a.grantee, '' AS columns FROM aclexplode(c.relacl) AS a
            UNION ALL
            SELECT a.privilege_type, a.grantee, format(' (%I)', t.attname)
            FROM pg_attribute AS t CROSS JOIN LATERAL aclexplode(t.attacl) AS a WHERE t.attrelid = c.oid AND NOT t.attisdropped) AS a
        WHERE c.relnamespace = 'pgaudit_py'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') AND a.grantee <> c.relowner
            AND (a.privilege_type <> 'SELECT' OR a.grantee = 0) AND a.privilege_type <> 'MAINTAIN'
        UNION ALL
        SELECT 'SCHEMA', n.nspname, a.privilege_type, a.grantee,
            CASE WHEN a.privilege_type = 'CREATE' THEN '%s may put functions and tables there, which run and are read as ours' ELSE 'everybody may enter it' END
        FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.nspname = 'pgaudit_py' AND a.grantee <> n.nspowner AND (a.grantee = 0 OR a.privilege_type = 'CREATE')
    )
    SELECT 'wrong', e.name, format(e.harm, CASE e.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(e.grantee) END),
        format('Run `REVOKE %s ON %s %s FROM %s CASCADE`.', e.privilege, e.kind, e.name,
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END)
    FROM entry AS e
    UNION ALL
    SELECT 'wrong', 'pgaudit_py.activity_log', format('%s may write every table, the log too, as a member of pg_write_all_data', pg_get_userbyid(m.member)),
        format('Run `REVOKE pg_write_all_data FROM %I`.', pg_get_userbyid(m.member))
    FROM pg_auth_members AS m WHERE m.roleid = 'pg_write_all_data'::regrole
$$;

CREATE FUNCTION pgaudit_py.doctor_roles() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $_$
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
$_$;

CREATE FUNCTION pgaudit_py.doctor_settings() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH setting AS (
        SELECT s.name, nullif(current_setting('pgaudit_py.' || s.name, true), '') AS value
        FROM unnest('{causer_type,causer_id,ip,user_agent,request_id,metadata,action}'::text[]) AS s(name)
    ), stamp AS (
        SELECT nullif(current_setting('pgaudit_py.stamp', true), '') AS bound, extract(epoch FROM now())::text AS fresh
    ), kept AS (
        SELECT CASE WHEN s.setrole <> 0 THEN pg_get_userbyid(s.setrole)::text WHEN s.setdatabase <> 0 THEN 'this database' ELSE 'every role' END AS about,
            split_part(c.entry, '=', 1) AS name,
            CASE WHEN s.setrole = 0 AND s.setdatabase <> 0 THEN 'DATABASE ' || quote_ident(current_database())
                 ELSE concat_ws(' IN DATABASE ',
                     'ROLE ' || CASE s.setrole WHEN 0 THEN 'ALL' ELSE quote_ident(pg_get_userbyid(s.setrole)) END,
                     CASE WHEN s.setdatabase <> 0 THEN quote_ident(current_database()) END) END AS place
        FROM pg_db_role_setting AS s CROSS JOIN LATERAL unnest(s.setconfig) AS c(entry)
        WHERE c.entry LIKE 'pgaudit\_py.%' AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
    )
    SELECT CASE WHEN stamp.bound IS NULL THEN 'wrong' ELSE 'note' END, 'this session',
        format(CASE WHEN stamp.bound IS NULL THEN 'it says who is acting, and no transaction bound that: %s; its writes are recorded so, marked _bare'
                    ELSE 'somebody said for all of this session who is acting: %s; that is known to be stale, and not believed' END,
            string_agg(format('%s %s', s.name, left(s.value, 40)), ', ' ORDER BY s.name)),
        'Run `RESET ALL`, or have the pooler do it between clients; bind by set_actor, which ends with the transaction.'
    FROM setting AS s CROSS JOIN stamp
    WHERE s.value IS NOT NULL AND stamp.bound IS DISTINCT FROM stamp.fresh
    GROUP BY stamp.bound
    UNION ALL
    SELECT 'wrong', kept.about,
        format('new sessions begin with %s set: their writes are recorded as somebody''s', kept.name),
        format('Run `ALTER %s RESET %s`, and end older sessions.', kept.place, kept.name)
    FROM kept
$$;

CREATE FUNCTION pgaudit_py.doctor_tables() RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
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
$$;

CREATE FUNCTION pgaudit_py.doctor_transactions(longest interval DEFAULT '00:15:00'::interval) RETURNS TABLE(state text, about text, detail text, fix text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT 'wrong', 'this cluster',
        format('the prepared transaction %s of database %s waits since %s: who follows the log gets nothing younger', p.gid, p.database, date_trunc('second', p.prepared)),
        format('Run `ROLLBACK PREPARED %L`, or COMMIT PREPARED, in database %s.', p.gid, p.database)
    FROM pg_prepared_xacts AS p WHERE p.prepared < clock_timestamp() - longest
    UNION ALL
    SELECT 'note', 'this cluster',
        format('a transaction of %s in database %s runs since %s: who follows the log gets nothing younger', a.usename, a.datname, date_trunc('second', a.xact_start)),
        format('Have it end; else run `SELECT pg_terminate_backend(%s)`.', a.pid)
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.xact_start < clock_timestamp() - longest AND a.pid <> pg_backend_pid()
    UNION ALL
    SELECT 'limited', 'this cluster', format('%s may not see how long transactions of other roles run, which hold back whoever follows the log', current_user),
        format('Run `GRANT pg_read_all_stats TO %I`, as a superuser.', current_user)
    FROM pg_stat_activity AS a
    WHERE a.backend_xid IS NOT NULL AND a.xact_start IS NULL AND NOT pg_has_role('pg_read_all_stats', 'USAGE')
    HAVING count(*) > 0
$$;

CREATE FUNCTION pgaudit_py.edited_functions() RETURNS TABLE(name text, is_missing boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT m.name, bool_and(p.oid IS NULL)
    FROM pgaudit_py.migration AS m
    LEFT JOIN pg_proc AS p ON p.pronamespace = 'pgaudit_py'::regnamespace AND m.name = 'functions/' || p.proname || '.sql'
    JOIN pgaudit_py.function_roles() AS r ON m.name = 'functions/' || r.function_name || '.sql'
    GROUP BY m.name, m.proof
    HAVING bool_or(pgaudit_py.function_proof(p.oid) = m.proof) IS NOT TRUE
$$;

CREATE FUNCTION pgaudit_py.encoding_of(type oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN oid = 'jsonb'::regtype THEN 'jsonb'
        WHEN oid IN ('real'::regtype, 'double precision'::regtype) THEN 'float'
        WHEN oid IN (
            'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
            'text'::regtype, 'character varying'::regtype, 'character'::regtype, 'name'::regtype, 'uuid'::regtype,
            'date'::regtype, 'time'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype
        ) THEN 'json'
        ELSE 'text'
    END
    FROM pgaudit_py.base_type(type) AS base(oid)
$$;

CREATE FUNCTION pgaudit_py.end_install(tracked_id integer, relation oid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    UPDATE pgaudit_py.tracked_table AS k SET installing = NULL WHERE k.id = tracked_id;
    PERFORM pgaudit_py.record_alteration(tracked_id, relation, true);
END
$$;

CREATE FUNCTION pgaudit_py.ensure_partitions(months integer DEFAULT 3) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '300ms'
    AS $$
DECLARE
    first timestamptz := date_trunc('month', now());
    starts timestamptz;
    ends timestamptz;
    partition text;
    owner CONSTANT name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'pgaudit_py.activity_log'::regclass);
BEGIN
    IF (months BETWEEN 0 AND 120) IS NOT TRUE THEN
        RAISE EXCEPTION 'months is %', months USING ERRCODE = 'PGA11', HINT = 'Give 0 to 120.';
    END IF;
    PERFORM pgaudit_py.guard_log(l.oid) FROM pgaudit_py.log_tables() AS l;
    FOR month IN 0 .. months LOOP
        starts := first + month * '1 month'::interval;
        ends := starts + '1 month'::interval;
        partition := 'activity_log_' || to_char(starts, 'YYYY_MM');
        CONTINUE WHEN to_regclass('pgaudit_py.' || partition) IS NOT NULL OR EXISTS (
            SELECT FROM pgaudit_py.activity_log_default AS d WHERE d.created_at >= starts AND d.created_at < ends);
        EXECUTE format('CREATE TABLE pgaudit_py.%I (LIKE pgaudit_py.activity_log INCLUDING DEFAULTS INCLUDING STORAGE)', partition);
        EXECUTE format('ALTER TABLE pgaudit_py.%I OWNER TO %I', partition, owner);
        PERFORM pgaudit_py.revoke_from_others(ARRAY[to_regclass('pgaudit_py.' || partition)::oid]);
        PERFORM pgaudit_py.guard_log(to_regclass('pgaudit_py.' || partition)::regclass);
        EXECUTE format('ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.%I FOR VALUES FROM (%L) TO (%L)',
            partition, starts, ends);
        RETURN NEXT partition;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.essential_columns(columns jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(jsonb_object_agg(c.name, jsonb_build_object(
        'attnum', c.description -> 'attnum', 'type', c.description -> 'type', 'generated', coalesce(c.description -> 'generated', 'false'))), '{}')
    FROM jsonb_each(columns) AS c(name, description)
$$;

CREATE FUNCTION pgaudit_py.expression_stands(relation oid, number smallint) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(bool_and(i.identity IS NOT NULL), false)
    FROM pg_attrdef AS e
    CROSS JOIN LATERAL pg_identify_object('pg_attrdef'::regclass, e.oid, 0) AS i
    WHERE e.adrelid = relation AND e.adnum = number
$$;

CREATE FUNCTION pgaudit_py.facts(operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb, OUT field_id text, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT pgaudit_py.field_id(columns -> c.name), side.value, side.after, true,
           c.name, columns -> c.name ->> 'type'
    FROM jsonb_each(changes) AS c(name, change)
    CROSS JOIN LATERAL (VALUES
        (c.change -> 'old', false, omitted -> c.name ? 'old'),
        (c.change -> 'new', true, omitted -> c.name ? 'bytes')) AS side(value, after, is_large)
    WHERE columns ? c.name AND NOT coalesce(side.is_large OR omitted -> c.name ->> 'why' <> 'size', false)
    UNION ALL
    SELECT pgaudit_py.field_id(c.description), snapshot -> c.name, operation <> 'D', true,
           c.name, c.description ->> 'type'
    FROM jsonb_each(columns) AS c(name, description)
    WHERE snapshot IS NOT NULL AND NOT c.description ?| '{excluded,redacted}' AND (snapshot ? c.name OR c.description ->> 'encoding' = 'jsonb')
        AND NOT coalesce(changes ? c.name, false) AND NOT coalesce(omitted ? c.name, false)
    UNION ALL
    SELECT pgaudit_py.field_id(columns -> o.name), side.why, side.after, false,
           o.name, columns -> o.name ->> 'type'
    FROM jsonb_each(omitted) AS o(name, entry)
    CROSS JOIN LATERAL (VALUES
        (o.entry || (o.entry -> 'old') - 'old', false, o.entry ? 'old'),
        (o.entry - 'old', operation <> 'D', o.entry ? 'bytes' OR NOT o.entry ? 'old')) AS side(why, after, is_omitted)
    WHERE columns ? o.name AND side.is_omitted
$$;

CREATE FUNCTION pgaudit_py.field_id(description jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (description ->> 'attnum') || coalesce('@' || (description ->> 'since'), '')
$$;

CREATE FUNCTION pgaudit_py.find_relation(name text) RETURNS oid
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    BEGIN
        RETURN coalesce(pg_catalog.to_regclass(name), pg_catalog.to_regclass(pg_catalog.quote_ident(name)));
    EXCEPTION WHEN OTHERS THEN  -- no.such.name is a database's, which is refused
        RETURN pg_catalog.to_regclass(pg_catalog.quote_ident(name));
    END;
END
$$;

CREATE FUNCTION pgaudit_py.find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint) RETURNS SETOF record
    LANGUAGE sql STABLE
    AS $$
    SELECT * FROM pgaudit_py.tracked_as(find_tracked.name, pgaudit_py.find_relation(find_tracked.name))
$$;

CREATE FUNCTION pgaudit_py.fingerprint(relation oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT md5(string_agg(
        CASE WHEN attinhcount = 0 THEN '' ELSE 'inherited ' END || format('%s %s %s %L', attnum,
               CASE WHEN atttypid < 16384 THEN atttypid::text ELSE atttypid::regtype::text END,
               CASE WHEN attcollation < 16384 THEN attcollation::text ELSE attcollation::regcollation::text END, attname)
            || CASE WHEN attgenerated = '' THEN '' ELSE (
                SELECT coalesce(string_agg(format(' %L', s.name), '' ORDER BY s.name), ' ') FROM pgaudit_py.sources_of(attrelid, attnum) AS s) END,
        E'\n' ORDER BY attnum))
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
$$;

CREATE FUNCTION pgaudit_py.follow(after_transaction bigint, after_id bigint, subject_type text DEFAULT NULL::text, subject_id text DEFAULT NULL::text, causer_type text DEFAULT NULL::text, causer_id text DEFAULT NULL::text, action text DEFAULT NULL::text, field text DEFAULT NULL::text, request_id text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb, max_rows integer DEFAULT 1000) RETURNS SETOF pgaudit_py.activity_log
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    running CONSTANT bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    last_epoch CONSTANT integer := coalesce(
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id DESC LIMIT 1), 0);
    -- Ids go on from epoch to epoch, transaction ids start again.
    begun_epoch CONSTANT integer := coalesce(
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l WHERE l.id <= after_id ORDER BY l.id DESC LIMIT 1),
        (SELECT l.epoch FROM pgaudit_py.activity_log AS l ORDER BY l.id LIMIT 1), 1);
    of_epoch integer;
    found_rows bigint;
BEGIN
    FOR of_epoch IN begun_epoch .. last_epoch LOOP
        RETURN QUERY EXECUTE concat_ws(' AND ', 'SELECT l.* FROM pgaudit_py.activity_log AS l WHERE l.epoch = $11',
            'l.transaction_id >= $1 AND (l.transaction_id > $1 OR l.id > $2)',
            CASE WHEN of_epoch = last_epoch THEN 'l.transaction_id < $12' END,
            CASE WHEN subject_type IS NOT NULL THEN 'l.subject_type = $3' END,
            CASE WHEN subject_id IS NOT NULL THEN 'l.subject_id = $4' END,
            CASE WHEN causer_type IS NOT NULL THEN 'l.causer_type = $5' END,
            CASE WHEN causer_id IS NOT NULL THEN 'l.causer_id = $6' END,
            CASE WHEN action IS NOT NULL THEN 'l.action = $7' END,
            CASE WHEN field IS NOT NULL THEN 'l.changes ? $8' END,
            CASE WHEN request_id IS NOT NULL THEN 'l.request_id = $9' END,
            CASE WHEN metadata IS NOT NULL THEN 'l.metadata @> $10' END)
            || ' ORDER BY l.transaction_id, l.id LIMIT $13'
        USING after_transaction, after_id, subject_type, subject_id, causer_type, causer_id, action, field, request_id,
            metadata, of_epoch, running, max_rows;
        GET DIAGNOSTICS found_rows = ROW_COUNT;
        max_rows := max_rows - found_rows;
        EXIT WHEN max_rows <= 0;
        after_transaction := 0;
        after_id := 0;
    END LOOP;
END
$_$;

CREATE FUNCTION pgaudit_py.follow_partitions(tracked_id integer, relation oid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    tracked pgaudit_py.tracked_table;
    place record;
BEGIN
    SELECT * INTO tracked FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR place IN
        SELECT c.oid::regclass AS name, pg_has_role(c.relowner, 'USAGE') AS owned
        FROM pgaudit_py.unwatched_partitions(tracked_id, relation) AS u JOIN pg_class AS c ON c.oid = u.oid
        WHERE NOT u.for_rows AND NOT coalesce(tracked.partitions ? c.oid::text, false)
    LOOP
        IF NOT place.owned THEN
            RETURN;  -- the book names no partition that has never had its trigger
        END IF;
        EXECUTE format('CREATE OR REPLACE TRIGGER "00_pgaudit_py_truncate" BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.%I()', place.name, 'capture_' || tracked_id || '_truncate');
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate"', place.name);
    END LOOP;
    FOR place IN
        SELECT a.oid::regclass AS name, a.trigger_name, pg_has_role(c.relowner, 'USAGE') AS owned
        FROM pgaudit_py.attached_triggers(tracked_id) AS a JOIN pg_class AS c ON c.oid = a.oid
        WHERE a.root <> relation AND tracked.partitions ? a.oid::text
    LOOP
        IF NOT place.owned THEN
            RETURN;  -- a former partition is known by the book until its trigger is gone
        END IF;
        EXECUTE format('DROP TRIGGER %I ON %s', place.trigger_name, place.name);
    END LOOP;
    IF coalesce(tracked.partitions, '{}') <> pgaudit_py.leaves_of(relation) THEN
        PERFORM pgaudit_py.note_partitions(tracked_id, relation, false);
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.function_proof(function_oid oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n',
        p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname, p.prokind, p.provolatile, p.proparallel,
        p.proisstrict, p.prosecdef, p.proleakproof,
        array_to_string(array_replace(p.proconfig, 'search_path="pg_catalog", "pg_temp"', 'search_path=pg_catalog, pg_temp'), E'\n'),
        p.prosrc), getdatabaseencoding())), 'hex')
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
    WHERE p.oid = function_oid
$$;

CREATE FUNCTION pgaudit_py.function_roles() RETURNS TABLE(function_name text, class text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT unnest(string_to_array(l.names, ' ')), l.class FROM (VALUES
        ('app', 'clear_actor log log_change set_actor snapshot snapshot_held unreserved'),
        -- To name a record: nothing here reads the log.
        ('common', 'base_type catalog_columns cluster column_differences encoding_of essential_columns expression_stands find_relation find_tracked '
            'fingerprint inspect_table is_called is_generated key_condition key_index key_of key_values live_subject live_table mark_columns '
            'newest_shape own_table partition_key present_columns present_names primary_key recognise root_of rows_of settings_of shape_columns '
            'shape_key shift_of sources_of subject_id table_columns tracked_as'),
        ('reader', 'activity apply_changes attached_triggers broken_laws chains columns_at departed diff diff_states digest_of doctor doctor_caller '
            'doctor_columns doctor_functions doctor_guards doctor_ids doctor_indexes doctor_log doctor_partitions doctor_refusals doctor_rights '
            'doctor_roles doctor_settings doctor_tables doctor_transactions edited_functions facts field_id follow function_proof '
            'function_roles happened_by history invert_changes is_guard leaves_of life live_row live_rows live_state lives log_columns '
            'log_figures log_tables own_functions proof record_at record_state_at record_versions resident_at role_rights roles row_state shape_of '
            'slot_changes slot_stays state_at state_expression stays subject_lives table_lives unwatched_partitions value_expression '
            'verify_keyed verify_keyless verify_table version version_at watched_columns why_unread within_limit without_path without_paths'),
        ('restorer', 'advance_sequences bind_restore context current_key decode_row lock_row parse_metadata plan_restore recoded restore_to_time '
            'restore_to_version restore_warnings restored_otherwise unbind_restore'),
        ('internal', 'alteration altered_tables at_path baseline_batch baseline_position baseline_rows baseline_some begin_epoch begin_install '
            'bereft_tables can_read_rows capture_slowly capture_truncated check_baseline check_event check_grant check_shape diff_incomplete '
            'end_install ensure_partitions follow_partitions grant_to guard_log has_drifted hold_table install_state keyset_query '
            'note_partitions place_of present_key present_state record_alteration record_change record_emptying record_state record_truncation '
            'redacted_changes redacted_of refuse_change require_causer require_state revoke_from revoke_from_others shape_given '
            'shape_in_force shape_token subject_expression subject_of table_differences told_state tracked_among trigger_state value_limit '
            'watch_ddl watch_table write_activity')
    ) AS l(class, names)
$$;

CREATE FUNCTION pgaudit_py.grant_to(role text, as_what text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    part record;
BEGIN
    PERFORM pgaudit_py.check_grant(role, as_what);
    FOR part IN
        SELECT r.privilege, r.kind, string_agg(r.name, ', ') AS names
        FROM pgaudit_py.role_rights() AS r WHERE r.as_what = grant_to.as_what GROUP BY r.privilege, r.kind
    LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', part.privilege, part.kind, part.names, role);
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.guard_log(relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    guard record;
BEGIN
    SELECT pgaudit_py.is_guard(t.oid) AS as_made, t.tgenabled INTO guard
    FROM pg_trigger AS t WHERE t.tgrelid = relation AND t.tgname = 'append_only';
    IF guard.as_made IS NOT TRUE THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change()', relation);
    END IF;
    IF guard.as_made IS NOT TRUE OR guard.tgenabled <> 'A' THEN
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.happened_by(of_activity bigint, made_at timestamp with time zone, at timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT l.created_at <= at AND (
        -- Of its last one alone: it may have made millions.
        SELECT ending.created_at FROM pgaudit_py.activity_log AS ending
        WHERE ending.transaction_id = l.transaction_id AND ending.epoch = l.epoch
        ORDER BY ending.id DESC LIMIT 1) <= at
    FROM pgaudit_py.activity_log AS l WHERE l.id = of_activity AND l.created_at = made_at
$$;

CREATE FUNCTION pgaudit_py.has_drifted(relation oid, fingerprint text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.fingerprint(relation) IS DISTINCT FROM fingerprint
        -- The snapshot may be an old one.
        OR CASE WHEN current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
                THEN pgaudit_py.present_columns(relation) <> pgaudit_py.catalog_columns(relation) ELSE false END
$$;

CREATE FUNCTION pgaudit_py.history(subject_type text, subject_id text) RETURNS TABLE(life integer, id bigint, created_at timestamp with time zone, transaction_id bigint, operation "char", action text, key text, previous_key text, causer_type text, causer_id text, db_role text, set_role text, ip inet, user_agent text, request_id text, metadata jsonb, changes jsonb, omitted jsonb, state jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    step record;
    columns jsonb;
    moved record;  -- the row as it was in the partition that it leaves
BEGIN
    life := 0;
    FOR step IN
        SELECT s.life, l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns,
               lag(l.operation) OVER line = 'D' AS enters, lead(l.operation) OVER line = 'I' AS leaves
        FROM pgaudit_py.subject_lives(history.subject_type, history.subject_id) AS s
        JOIN pgaudit_py.activity_log AS l USING (id, created_at)
        WINDOW line AS (PARTITION BY s.life ORDER BY s.ordinal) ORDER BY s.life, s.ordinal
    LOOP
        IF step.operation = 'D' AND step.leaves THEN
            moved := step;
            CONTINUE;
        END IF;
        -- The state is carried on from change to change; rebuilt where a life begins, and where the columns changed.
        IF step.operation = 'T' THEN
            state := NULL;
        ELSIF step.snapshot IS NOT NULL AND (step.omitted IS NULL OR step.operation = 'I') THEN
            state := step.snapshot;
        ELSIF step.life = life AND step.columns = columns THEN
            IF step.operation <> 'D' THEN
                state := pgaudit_py.apply_changes(state, step.changes) || coalesce(step.snapshot, '{}')
                    - ARRAY(SELECT o.key FROM jsonb_each(step.omitted) AS o WHERE o.value ? 'bytes' OR NOT o.value ? 'old');
            END IF;
        ELSE
            state := pgaudit_py.version(step.id);
        END IF;
        columns := step.columns;
        life := step.life; id := step.id; created_at := step.created_at; transaction_id := step.transaction_id;
        operation := step.operation; action := step.action; key := step.subject_id;
        previous_key := step.previous_subject_id; causer_type := step.causer_type; causer_id := step.causer_id;
        db_role := step.db_role; set_role := step.set_role; ip := step.ip; user_agent := step.user_agent; request_id := step.request_id; metadata := step.metadata;
        changes := step.changes; omitted := step.omitted;
        IF step.operation = 'I' AND step.enters THEN
            operation := 'U';
            action := CASE action WHEN 'created' THEN 'updated' ELSE action END;
            -- What is not kept on either side changed where that tells.
            omitted := (SELECT jsonb_object_agg(o.name, o.what) FROM jsonb_each(step.omitted) AS o(name, what)
                        WHERE o.what IS DISTINCT FROM moved.omitted -> o.name);
            changes := coalesce(pgaudit_py.diff_states(
                moved.snapshot - ARRAY(SELECT jsonb_object_keys(step.omitted)), step.snapshot - ARRAY(SELECT jsonb_object_keys(moved.omitted))), '{}');
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.hold_table(relation oid) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF to_regclass(relation::regclass::text) IS NOT NULL THEN
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS SHARE MODE', relation::regclass);
    END IF;
EXCEPTION WHEN undefined_table OR syntax_error THEN
    NULL;  -- dropped since; without a name it is written as a number
END
$$;

CREATE FUNCTION pgaudit_py.inspect_table(relation oid) RETURNS TABLE(oid oid, schema_name text, table_name text, kind text, persistence text, root text, audited_below text, not_owned text, owner text, owned boolean, is_system boolean, definer text, fingerprint text, columns jsonb, key text[], partitions jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT
        c.oid,
        n.nspname::text AS schema_name,
        c.relname::text AS table_name,
        c.relkind::text AS kind,
        c.relpersistence::text AS persistence,
        CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::text END AS root,
        (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t
         JOIN pg_trigger AS g ON g.tgrelid = t.relid AND g.tgparentid = 0 AND g.tgtype & 1 <> 0  -- for each row
         JOIN pg_proc AS p ON p.oid = g.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
         WHERE t.level > 0) AS audited_below,
        (SELECT min(t.relid::text) FROM pg_partition_tree(c.oid) AS t JOIN pg_class AS pc ON pc.oid = t.relid
         WHERE t.level > 0 AND NOT pg_has_role(pc.relowner, 'USAGE')) AS not_owned,
        pg_get_userbyid(c.relowner)::text AS owner,
        pg_has_role(c.relowner, 'USAGE') AS owned,
        n.nspname IN ('pg_catalog', 'information_schema', 'pg_toast') AS is_system,
        (SELECT pg_get_userbyid(l.relowner)::text FROM pg_class AS l WHERE l.oid = 'pgaudit_py.activity_log'::regclass) AS definer,
        pgaudit_py.fingerprint(c.oid) AS fingerprint,
        coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                'name', a.attname,
                'number', a.attnum,
                'type', format_type(a.atttypid, -1),
                'encoding', pgaudit_py.encoding_of(a.atttypid),
                'settings', pgaudit_py.settings_of(a.atttypid, pgaudit_py.encoding_of(a.atttypid) = 'text'),
                'text_settings', pgaudit_py.settings_of(a.atttypid, true),
                'generated', a.attgenerated <> '',
                'identity', a.attidentity <> '',
                'not_null', a.attnotnull,
                'generated_from', coalesce((
                    SELECT jsonb_agg(DISTINCT d.refobjsubid)
                    FROM pg_attrdef AS e
                    JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid <> a.attnum
                    WHERE a.attgenerated <> '' AND e.adrelid = c.oid AND e.adnum = a.attnum), '[]'),
                'short', a.attlen BETWEEN 1 AND 16,
                'longest', CASE
                    WHEN a.attlen > 0 THEN a.attlen * 16
                    WHEN a.atttypid = 'numeric'::regtype THEN 147458  -- 131072 digits and 16383, a point and a sign
                    WHEN a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4 THEN (a.atttypmod - 4) * 4
                END,
                'toastable', a.attlen = -1 AND a.attstorage <> 'p',
                'plain_equality', CASE
                    WHEN a.atttypid IN ('text'::regtype, 'varchar'::regtype)
                        THEN coalesce((SELECT l.collisdeterministic FROM pg_collation AS l WHERE l.oid = a.attcollation), false)
                    ELSE a.atttypid IN (
                        'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype,
                        'bytea'::regtype, 'date'::regtype, 'time'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
                END
            ) ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'
        ), '[]') AS columns,
        pgaudit_py.primary_key(c.oid) AS key,
        coalesce((
            SELECT jsonb_agg(jsonb_build_array(pn.nspname, pc.relname) ORDER BY pn.nspname, pc.relname)
            FROM pg_partition_tree(c.oid) AS t
            JOIN pg_class AS pc ON pc.oid = t.relid
            JOIN pg_namespace AS pn ON pn.oid = pc.relnamespace
            WHERE t.level > 0 AND NOT c.relispartition
                AND (pc.relkind <> 'f' OR current_setting('server_version_num')::integer >= 160000)
        ), '[]') AS partitions
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = relation
$$;

CREATE FUNCTION pgaudit_py.install_state(relation oid, key text[], tracked_id integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT jsonb_build_object(
        'table', (SELECT md5((to_jsonb(t) - '{owner,owned,definer}'::text[])::text) FROM pgaudit_py.inspect_table(relation) AS t),
        'key', pgaudit_py.key_index(relation, key) IS NOT NULL,
        'log_owner', (SELECT pg_get_userbyid(l.relowner) FROM pg_class AS l WHERE l.oid = 'pgaudit_py.activity_log'::regclass),
        'book', (SELECT jsonb_build_object('subject_type', k.subject_type, 'table', ARRAY[k.schema_name, k.table_name],
                                           'options', k.options, 'audited', k.removed_at IS NULL)
                 FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id),
        'shape', (SELECT max(s.id) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id),
        'functions', ARRAY[pgaudit_py.proof(tracked_id),
            obj_description(to_regprocedure(format('pgaudit_py.capture_%s()', tracked_id)), 'pg_proc'),
            obj_description(to_regprocedure(format('pgaudit_py.capture_%s_truncate()', tracked_id)), 'pg_proc')],
        'triggers', (
            -- Those of the tracked table, wherever they are; and those of the table, whomever they record it for.
            SELECT jsonb_agg(jsonb_build_array(t.tgrelid::bigint, t.tgname, p.proname, t.tgenabled, t.tgtype, t.tgqual IS NULL, t.tgattr::text)
                             ORDER BY t.tgrelid, t.tgname)
            FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
            WHERE NOT t.tgisinternal
                AND (t.tgrelid = relation OR p.proname IN ('capture_' || tracked_id, 'capture_' || tracked_id || '_truncate'))),
        'numbers', ARRAY[(SELECT max(k.id) FROM pgaudit_py.tracked_table AS k), (SELECT max(s.id) FROM pgaudit_py.table_shape AS s)])
$$;

CREATE FUNCTION pgaudit_py.invert_changes(changes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT jsonb_object_agg(c.name,
        CASE WHEN c.change ? 'new' THEN jsonb_build_object('old', c.change -> 'new') ELSE '{}' END
        || CASE WHEN c.change ? 'old' THEN jsonb_build_object('new', c.change -> 'old') ELSE '{}' END)
    FROM jsonb_each(changes) AS c(name, change)
$$;

CREATE FUNCTION pgaudit_py.is_called(relation oid, number smallint, name text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF has_column_privilege(relation, number, 'SELECT') IS NULL THEN
        RETURN false;
    END IF;
    RETURN (SELECT a.object_names[3] = name FROM pg_identify_object_as_address('pg_class'::regclass, relation, number) AS a);
END
$$;

CREATE FUNCTION pgaudit_py.is_generated(relation oid, column_name text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    parsed refcursor;
BEGIN
    OPEN parsed FOR EXECUTE format('INSERT INTO %s (%I) OVERRIDING SYSTEM VALUE VALUES (NULL)', relation::regclass, column_name);
    RETURN false;
EXCEPTION
    WHEN generated_always THEN
        RETURN true;
    WHEN OTHERS THEN
        RETURN false;
END
$$;

CREATE FUNCTION pgaudit_py.is_guard(trigger_oid oid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT EXISTS (
        SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        -- Before the statement of an UPDATE, DELETE or TRUNCATE: 2 + 16 + 8 + 32.
        WHERE t.oid = trigger_oid AND t.tgtype = 58 AND t.tgqual IS NULL AND t.tgattr = ''
            AND p.pronamespace = 'pgaudit_py'::regnamespace AND p.proname = 'refuse_change')
$$;

CREATE FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT string_agg(
        format('%I.%I OPERATOR(%I.%s) %L::%s', alias, k.name, coalesce(n.nspname, 'pg_catalog'), coalesce(o.oprname, '='),
            k.value, format_type(a.atttypid, a.atttypmod)),
        ' AND ' ORDER BY k.position)
    FROM unnest(key, pgaudit_py.key_values(subject_id, cardinality(key))) WITH ORDINALITY AS k(name, value, position)
    JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
    LEFT JOIN pg_index AS i ON i.indexrelid = pgaudit_py.key_index(relation, key)
    LEFT JOIN pg_opclass AS c ON c.oid = i.indclass[array_position(i.indkey::smallint[], a.attnum)]  -- both count from 0
    LEFT JOIN pg_amop AS m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3  -- equal, in a btree
        AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
    LEFT JOIN pg_operator AS o ON o.oid = m.amopopr
    LEFT JOIN pg_namespace AS n ON n.oid = o.oprnamespace
$$;

CREATE FUNCTION pgaudit_py.key_index(relation oid, key text[]) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT i.indexrelid
    FROM pg_index AS i
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
    WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (SELECT array_agg(a.attname::text) @> key AND array_agg(a.attname::text) <@ (key || pgaudit_py.partition_key(relation))
             FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
             JOIN pg_attribute AS a ON a.attrelid = relation AND a.attnum = k.attnum
             WHERE k.position <= i.indnkeyatts)
    ORDER BY i.indnkeyatts, i.indisprimary DESC, i.indexrelid
    LIMIT 1
$$;

CREATE FUNCTION pgaudit_py.key_of(relation oid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    shape pgaudit_py.table_shape;
    present jsonb;
    key text[];
BEGIN
    SELECT * INTO shape FROM pgaudit_py.newest_shape(relation);
    IF NOT FOUND THEN
        RETURN (SELECT t.key FROM pgaudit_py.inspect_table(relation) AS t);
    END IF;
    present := pgaudit_py.shape_columns(relation, to_jsonb(shape));
    SELECT array_agg(p.name ORDER BY k.position) INTO key
    FROM unnest(shape.key) WITH ORDINALITY AS k(name, position)
    JOIN jsonb_each(present) AS p(name, description) ON p.description -> 'attnum' = shape.columns -> k.name -> 'attnum';
    RETURN CASE WHEN cardinality(key) = cardinality(shape.key) THEN key ELSE '{}' END;
END
$$;

CREATE FUNCTION pgaudit_py.key_values(subject_id text, width integer) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    parts text[];
BEGIN
    IF width = 1 THEN
        RETURN ARRAY[subject_id];
    END IF;
    BEGIN
        SELECT array_agg(e.value ORDER BY e.position) INTO parts
        FROM jsonb_array_elements_text(subject_id::jsonb) WITH ORDINALITY AS e(value, position);
    EXCEPTION WHEN data_exception THEN
        parts := NULL;
    END;
    IF cardinality(parts) IS DISTINCT FROM width THEN
        RAISE EXCEPTION 'the key % is not one of % columns', left(quote_literal(subject_id), 100), width
            USING ERRCODE = 'PGA11', HINT = 'Write a composite key as the log does: ["7", "de"].';
    END IF;
    RETURN parts;
END
$$;

CREATE FUNCTION pgaudit_py.keyset_query(relation oid, key text[], after text[], max_rows integer) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH field AS (
        SELECT k.position, format('live.%I', k.name) AS name,
               format('%L::%s', after[k.position], format_type(pgaudit_py.base_type(a.atttypid), -1)) AS value,
               o.less, o.equal, o.greater
        FROM unnest(key) WITH ORDINALITY AS k(name, position)
        JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
        CROSS JOIN LATERAL (
            SELECT x.class FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            JOIN pg_am AS m ON m.oid = c.relam AND m.amname = 'btree'
            CROSS JOIN LATERAL ROWS FROM (unnest(i.indkey), unnest(i.indclass)) WITH ORDINALITY AS x(attnum, class, place)
            WHERE i.indrelid = relation AND i.indisunique AND x.attnum = a.attnum AND x.place <= i.indnkeyatts
            ORDER BY i.indisprimary DESC LIMIT 1
        ) AS indexed
        CROSS JOIN LATERAL (
            SELECT max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 1) AS less,
                   max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 3) AS equal,
                   max(format('OPERATOR(%I.%s)', n.nspname, p.oprname)) FILTER (WHERE m.amopstrategy = 5) AS greater
            FROM pg_opclass AS c
            JOIN pg_amop AS m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
            JOIN pg_operator AS p ON p.oid = m.amopopr
            JOIN pg_namespace AS n ON n.oid = p.oprnamespace
            WHERE c.oid = indexed.class
        ) AS o
    ), part AS (
        SELECT f.position, concat_ws(' AND ',
            (SELECT string_agg(concat_ws(' ', e.name, e.equal, e.value), ' AND ' ORDER BY e.position)
             FROM field AS e WHERE e.position < f.position), concat_ws(' ', f.name, f.greater, f.value)) AS condition
        FROM field AS f WHERE after IS NOT NULL
        UNION ALL
        SELECT 1, 'true' WHERE after IS NULL
    )
    SELECT format('SELECT n.leaf, n.address FROM (%s) AS n LIMIT %s',
        string_agg(format('(SELECT live.tableoid AS leaf, live.ctid AS address FROM %s AS live WHERE %s ORDER BY %s LIMIT %s)',
            pgaudit_py.rows_of(relation), p.condition,
            (SELECT string_agg(f.name || ' USING ' || f.less, ', ' ORDER BY f.position) FROM field AS f), max_rows),
            ' UNION ALL ' ORDER BY p.position DESC), max_rows)
    FROM part AS p
$$;

CREATE FUNCTION pgaudit_py.leaves_of(relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT coalesce(jsonb_object_agg(t.relid::oid, t.relid::text), '{}') FROM pg_partition_tree(relation) AS t WHERE t.isleaf AND t.level > 0
$$;

CREATE FUNCTION pgaudit_py.life(activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.ordinal, v.id, v.created_at
    FROM pgaudit_py.activity_log AS l
    CROSS JOIN LATERAL pgaudit_py.lives(l.subject_type, l.subject_id, l.id) AS v
    WHERE l.id = activity_id AND l.operation IS NOT NULL AND l.subject_id IS NOT NULL
$$;

CREATE FUNCTION pgaudit_py.live_row(relation oid, subject_id text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.state FROM pgaudit_py.live_state(relation, live_row.subject_id) AS s
$$;

CREATE FUNCTION pgaudit_py.live_rows(relation oid, key bigint[] DEFAULT NULL::bigint[], columns jsonb DEFAULT NULL::jsonb, value_limit bigint DEFAULT NULL::bigint, leaf oid DEFAULT NULL::oid, OUT subject_id text, OUT state jsonb, OUT omitted jsonb) RETURNS SETOF record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    SET synchronize_seqscans TO 'off'
    AS $_$
DECLARE
    names text[];
    parts text;
    key_expression text;
    given bigint := 0;
BEGIN
    IF to_regclass(relation::regclass::text) IS NULL THEN
        RETURN;
    END IF;
    columns := coalesce(columns, pgaudit_py.watched_columns(relation));
    IF key IS NULL THEN
        names := pgaudit_py.key_of(relation);
    ELSE
        SELECT array_agg(c.name ORDER BY array_position(key, (c.description ->> 'attnum')::bigint)) INTO names
        FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::bigint = ANY (key);
        IF cardinality(names) <> cardinality(key) THEN
            names := NULL;  -- a column of it is gone
        END IF;
    END IF;
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(names) WITH ORDINALITY AS k(name, position);
    key_expression := CASE coalesce(cardinality(names), 0)
        WHEN 0 THEN 'NULL::text' WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END;
    BEGIN
        FOR subject_id, state IN EXECUTE format('SELECT %s, %s FROM %s AS live',
            key_expression, pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(coalesce(leaf, relation)))
        LOOP
            IF pg_column_size(state) > value_limit THEN
                SELECT w.kept, w.omitted INTO state, omitted FROM pgaudit_py.within_limit(columns, state, value_limit) AS w;
            ELSE
                omitted := NULL;
            END IF;
            RETURN NEXT;
            given := given + 1;
        END LOOP;
    EXCEPTION WHEN program_limit_exceeded THEN
        -- A value that no jsonb can hold: the rest is read slowly.
        RETURN QUERY EXECUTE format('SELECT s.subject_id, r.state, r.omitted '
                                    'FROM (SELECT %1$s AS subject_id, (live.*)::%2$s AS whole FROM %4$s AS live OFFSET %3$s) AS s '
                                    'CROSS JOIN LATERAL pgaudit_py.row_state($1, s.whole, $2) AS r',
            key_expression, coalesce(leaf, relation)::regclass, given, pgaudit_py.rows_of(coalesce(leaf, relation))) USING columns, value_limit;
    END;
END
$_$;

CREATE FUNCTION pgaudit_py.live_state(relation oid, subject_id text, OUT state jsonb, OUT omitted jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $_$
DECLARE
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    columns jsonb;
    condition text;
BEGIN
    IF coalesce(key, '{}') = '{}' OR live_state.subject_id IS NULL THEN
        RETURN;
    END IF;
    columns := pgaudit_py.watched_columns(relation);
    condition := format('WHERE %s', pgaudit_py.key_condition(relation, key, 'live', live_state.subject_id));
    BEGIN
        EXECUTE format('SELECT %s FROM %s AS live %s', pgaudit_py.state_expression(columns, 'live'), pgaudit_py.rows_of(relation), condition) INTO state;
    EXCEPTION WHEN program_limit_exceeded THEN
        EXECUTE format('SELECT r.* FROM %s AS live CROSS JOIN LATERAL pgaudit_py.row_state($1, live.*, NULL) AS r %s',
                       pgaudit_py.rows_of(relation), condition) INTO state, omitted USING columns;
    END;
END
$_$;

CREATE FUNCTION pgaudit_py.live_subject(relation oid, key text[], subject_id text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    parts text;
    found_id text;
BEGIN
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(key) WITH ORDINALITY AS k(name, position);
    EXECUTE format('SELECT %s FROM %s AS live WHERE %s',
        CASE cardinality(key) WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END, pgaudit_py.rows_of(relation),
        pgaudit_py.key_condition(relation, key, 'live', subject_id))
    INTO found_id;
    RETURN found_id;
END
$$;

CREATE FUNCTION pgaudit_py.live_table(subject_type text) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT o.oid
    FROM pgaudit_py.tracked_table AS k
    CROSS JOIN LATERAL (SELECT pgaudit_py.own_table(k.id) AS oid) AS o
    WHERE k.subject_type = live_table.subject_type AND k.removed_at IS NULL AND EXISTS (
        SELECT FROM pg_trigger AS t
        JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.proname = 'capture_' || k.id AND p.pronamespace = 'pgaudit_py'::regnamespace
        WHERE t.tgrelid = o.oid AND NOT t.tgisinternal AND t.tgparentid = 0)
$$;

CREATE FUNCTION pgaudit_py.lives(of_type text, of_slot text, of_activity bigint DEFAULT NULL::bigint) RETURNS TABLE(life integer, ordinal integer, id bigint, created_at timestamp with time zone, here boolean)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    known jsonb := pgaudit_py.slot_stays(of_type, of_slot);   -- in the slots that were read: each is read once
    slots text[] := ARRAY[of_slot];
    told jsonb := '{}';         -- stays in this slot that an earlier life came back to
    path text[] := '{}';        -- the stays of all lives, one life after the other
    path_life integer[] := '{}';
    last_slots text[] := '{}';  -- of each life
    lives integer := 0;
    first jsonb;
    stay jsonb;
    other jsonb;
BEGIN
    FOR first IN
        SELECT s.value FROM jsonb_each(known) AS s
        WHERE jsonb_typeof(s.value) = 'object' AND (of_activity IS NULL OR s.value -> 'ids' @> to_jsonb(of_activity))
        ORDER BY (s.value -> 'number')::integer
    LOOP
        CONTINUE WHEN told ? (first ->> 'name');
        stay := first;
        -- Back to where the record was born; a circle, which no honest log has, is left where it was entered.
        WHILE stay ->> 'came_from' IS NOT NULL LOOP
            IF stay ->> 'came_from' <> ALL (slots) THEN
                slots := slots || (stay ->> 'came_from');
                known := known || pgaudit_py.slot_stays(of_type, stay ->> 'came_from');
            END IF;
            other := known -> (known ->> ('>' || (stay ->> 'arrival')));
            EXIT WHEN other IS NULL OR other = first;
            stay := other;
        END LOOP;
        -- And on to where it is now.
        first := stay;
        lives := lives + 1;
        LOOP
            path := path || (stay ->> 'name');
            path_life := path_life || lives;
            last_slots[lives] := stay ->> 'slot';
            EXIT WHEN stay ->> 'went_to' IS NULL AND stay ->> 'came_from' IS NULL;
            IF stay ->> 'slot' = of_slot THEN
                told := told || jsonb_build_object(stay ->> 'name', true);
            END IF;
            EXIT WHEN stay ->> 'went_to' IS NULL;
            IF stay ->> 'went_to' <> ALL (slots) THEN
                slots := slots || (stay ->> 'went_to');
                known := known || pgaudit_py.slot_stays(of_type, stay ->> 'went_to');
            END IF;
            other := known -> (known ->> ('<' || (stay ->> 'departure')));
            EXIT WHEN other IS NULL OR other = first;
            stay := other;
        END LOOP;
    END LOOP;
    RETURN QUERY
    SELECT p.life, (row_number() OVER (PARTITION BY p.life ORDER BY p.part, e.position))::integer,
           e.id::bigint, e.created_at::timestamptz, last_slots[p.life] = of_slot
    FROM unnest(path, path_life) WITH ORDINALITY AS p(name, life, part)
    CROSS JOIN LATERAL ROWS FROM (
        jsonb_array_elements_text(known -> p.name -> 'ids'), jsonb_array_elements_text(known -> p.name -> 'times')
    ) WITH ORDINALITY AS e(id, created_at, position);
END
$$;

CREATE FUNCTION pgaudit_py.lock_row(subject_type text, current_id text, OUT partitioned boolean, OUT leaf oid, OUT address tid) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    key text[] := pgaudit_py.key_of(relation);
BEGIN
    EXECUTE format('SELECT live.tableoid, live.ctid FROM %s AS live WHERE %s FOR UPDATE',
        pgaudit_py.rows_of(relation), pgaudit_py.key_condition(relation, key, 'live', current_id))
    INTO leaf, address;
    partitioned := leaf <> relation;
END
$$;

CREATE FUNCTION pgaudit_py.log(action text, subject_type text DEFAULT NULL::text, subject_id text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    PERFORM pgaudit_py.check_event(action, subject_type, subject_id, metadata);
    RETURN pgaudit_py.write_activity(
        NULL, subject_type, subject_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pgaudit_py.unreserved(metadata), action);
END
$$;

CREATE FUNCTION pgaudit_py.log_change(action text, subject_type text, subject_id text, old jsonb, new jsonb, metadata jsonb DEFAULT NULL::jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    changes jsonb;
BEGIN
    PERFORM pgaudit_py.check_event(action, subject_type, subject_id, metadata);
    IF jsonb_typeof(old) <> 'object' OR jsonb_typeof(new) <> 'object' THEN
        RAISE EXCEPTION 'old and new are no objects, but: % and %', jsonb_typeof(old), jsonb_typeof(new)
            USING ERRCODE = 'PGA11', HINT = 'Give names to the values that changed: {"title": "Tea"}.';
    END IF;
    changes := pgaudit_py.diff_states(coalesce(old, '{}'), coalesce(new, '{}'));
    IF changes IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN pgaudit_py.write_activity(
        NULL, subject_type, subject_id, NULL, NULL, NULL, changes, NULL, NULL, NULL, pgaudit_py.unreserved(metadata), action);
END
$$;

CREATE FUNCTION pgaudit_py.log_columns() RETURNS TABLE(name text, type text, required boolean, value text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    VALUES
        ('id', 'bigint', true, NULL),
        ('created_at', 'timestamp with time zone', true, 'clock_timestamp()'),
        ('transaction_id', 'bigint', true, '((pg_current_xact_id())::text)::bigint'),
        ('epoch', 'smallint', true, '1'),
        ('operation', '"char"', false, NULL),
        ('action', 'text', true, NULL),
        ('subject_type', 'text', false, NULL),
        ('subject_id', 'text', false, NULL),
        ('previous_subject_id', 'text', false, NULL),
        ('old_tid', 'tid', false, NULL),
        ('new_tid', 'tid', false, NULL),
        ('causer_type', 'text', false, NULL),
        ('causer_id', 'text', false, NULL),
        ('db_role', 'text', true, 'SESSION_USER'),
        ('set_role', 'text', false, 'NULLIF(current_setting(''role''::text), ''none''::text)'),
        ('ip', 'inet', false, NULL),
        ('user_agent', 'text', false, NULL),
        ('request_id', 'text', false, NULL),
        ('metadata', 'jsonb', false, NULL),
        ('changes', 'jsonb', false, NULL),
        ('snapshot', 'jsonb', false, NULL),
        ('omitted', 'jsonb', false, NULL),
        ('shape_id', 'integer', false, NULL),
        ('erased_at', 'timestamp with time zone', false, NULL)
$$;

CREATE FUNCTION pgaudit_py.log_figures() RETURNS TABLE(owner text, approximate_rows bigint, bytes bigint, oldest timestamp with time zone, newest timestamp with time zone, rows_per_day bigint, bytes_per_day bigint, partitions integer, partitions_end timestamp with time zone)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $_$
    WITH part AS (
        SELECT c.oid, CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE pg_stat_get_live_tuples(c.oid) END AS rows, pg_total_relation_size(c.oid) AS bytes,
               substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO \('(.*)'\)$$)::timestamptz AS ends
        FROM pgaudit_py.log_tables() AS l JOIN pg_class AS c ON c.oid = l.oid AND c.relkind = 'r'
    ), size AS (
        SELECT sum(part.bytes) AS bytes, nullif(sum(part.rows), 0) AS rows, count(part.ends)::integer AS partitions, max(part.ends) AS ends
        FROM part
    ), span AS (
        SELECT (SELECT min(l.created_at) FROM pgaudit_py.activity_log AS l) AS oldest, (SELECT max(l.created_at) FROM pgaudit_py.activity_log AS l) AS newest,
               (SELECT max(l.id) FROM pgaudit_py.activity_log AS l) AS last_id
    ), since AS (
        SELECT l.id, l.created_at FROM pgaudit_py.activity_log AS l WHERE l.created_at >= now() - '7 days'::interval ORDER BY l.created_at LIMIT 1
    ), pace AS (
        -- What is younger than a day says nothing about a day yet: it counts for a whole one.
        SELECT (span.last_id - since.id + 1) / greatest(extract(epoch FROM now() - since.created_at) / 86400, 1) AS rows FROM span, since
    )
    SELECT (SELECT pg_get_userbyid(c.relowner)::text FROM pg_class AS c WHERE c.oid = 'pgaudit_py.activity_log'::regclass),
        size.rows::bigint, size.bytes::bigint, span.oldest, span.newest, coalesce(pace.rows, 0)::bigint,
        (coalesce(pace.rows, 0) * size.bytes / nullif(size.rows, 0))::bigint, size.partitions, size.ends
    FROM size CROSS JOIN span LEFT JOIN pace ON true
$_$;

CREATE FUNCTION pgaudit_py.log_tables() RETURNS TABLE(oid oid, name text, is_root boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT t.relid::oid, t.relid::text, t.level = 0 FROM pg_partition_tree('pgaudit_py.activity_log'::regclass) AS t
$$;

CREATE FUNCTION pgaudit_py.mark_columns(present jsonb, shape jsonb, foreign_shift bigint, in_order boolean) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH known AS MATERIALIZED (
        SELECT m.name, m.description -> 'attnum' AS number, r.name AS is_now, coalesce(shape -> 'key' ? m.name, false) AS is_key,
               coalesce(m.description -> 'now', m.description -> 'attnum')::bigint + CASE WHEN m.description ? 'inherited' THEN 0 ELSE 2000 END AS place,
               m.description ?| '{excluded,redacted,paths}' AS marked, (
                   SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(m.description) AS e
                   WHERE e.key IN ('excluded', 'redacted', 'paths', 'since')) AS marks
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
        LEFT JOIN pgaudit_py.recognise(present, shape, foreign_shift IS NOT NULL, in_order) AS r ON r.was = m.name
    ), whole AS (
        SELECT CASE WHEN count(*) = 0 THEN 0 ELSE coalesce(foreign_shift, max((m.description ->> 'shift')::bigint), 0) END AS shift
        FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)
    ), field AS (
        SELECT p.name, p.description, p.description -> 'attnum' AS now, k.number, k.is_key, coalesce(k.marks, (
                   SELECT o.marks - 'since' FROM known AS o WHERE o.name = p.name AND o.marked), '{}') AS marks,
               max(k.place) OVER (line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               min(k.place) OVER (line ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS after
        FROM jsonb_each(present) AS p(name, description)
        LEFT JOIN known AS k ON k.is_now = p.name
        WINDOW line AS (ORDER BY (p.description -> 'attnum')::bigint)
    ), judged AS (
        SELECT f.*, foreign_shift IS NOT NULL AND NOT f.marks ?| '{excluded,redacted,paths}' AND f.is_key IS NOT TRUE AND EXISTS (
                   SELECT FROM known AS m
                   WHERE m.marked AND CASE
                       WHEN f.number IS NULL THEN m.is_now IS NULL OR (in_order AND f.after IS NOT NULL)
                       ELSE in_order AND m.is_now IS NULL AND coalesce(m.place > f.before, true) AND coalesce(m.place < f.after, true) END) AS doubt
        FROM field AS f
    ), kept AS (
        SELECT f.name, f.description, f.now, coalesce(f.number, to_jsonb((f.now #>> '{}')::bigint + w.shift)) AS number, w.shift,
               CASE WHEN f.doubt THEN f.marks || '{"redacted": true, "doubt": true}'
                    WHEN f.marks ? 'paths' AND f.description ->> 'encoding' <> 'jsonb' THEN f.marks - 'paths' || '{"redacted": true}'
                    ELSE f.marks END AS marks
        FROM judged AS f CROSS JOIN whole AS w
    )
    SELECT coalesce(jsonb_object_agg(s.name,
        s.description - 'sources' || jsonb_build_object('attnum', s.number) || s.marks
        || CASE WHEN s.now = s.number THEN '{}' ELSE jsonb_build_object('now', s.now) END
        || CASE WHEN s.shift = 0 THEN '{}' ELSE jsonb_build_object('shift', s.shift) END
        || CASE WHEN NOT s.marks ?| '{excluded,redacted,paths}' AND EXISTS (
                SELECT FROM kept AS o WHERE s.description -> 'sources' @> o.now AND o.marks ?| '{excluded,redacted,paths}')
            THEN '{"redacted": true}'::jsonb ELSE '{}' END), '{}')
    FROM kept AS s
$$;


SET default_table_access_method = heap;

CREATE TABLE pgaudit_py.table_shape (
    id integer NOT NULL,
    tracked_table_id integer NOT NULL,
    columns jsonb NOT NULL,
    key text[] NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    fingerprint text,
    unseen_from timestamp with time zone,
    relation oid,
    cluster bigint
);

COMMENT ON COLUMN pgaudit_py.table_shape.columns IS 'As table_columns() gives them, and what mark_columns() adds: excluded, redacted, paths (of a jsonb column, what is cut out), since (the shape from which on every change of the column was seen), now (its number in the table, where attnum, by which the log knows it, is another one).';

CREATE FUNCTION pgaudit_py.newest_shape(relation oid) RETURNS SETOF pgaudit_py.table_shape
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.*
    FROM pg_trigger AS t
    JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
    JOIN pgaudit_py.tracked_table AS k ON p.proname = 'capture_' || k.id
    JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = k.id
    WHERE t.tgrelid = newest_shape.relation AND NOT t.tgisinternal
    ORDER BY s.id DESC
    LIMIT 1
$$;

CREATE FUNCTION pgaudit_py.note_partitions(tracked_id integer, relation oid, by_log boolean) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    tracked pgaudit_py.tracked_table;
    gone record;
    news boolean := false;
    present CONSTANT jsonb := pgaudit_py.leaves_of(relation);
BEGIN
    SELECT * INTO tracked FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id;
    FOR gone IN SELECT d.leaf, max(d.name) AS name FROM pgaudit_py.departed(tracked_id, relation, by_log) AS d GROUP BY d.leaf LOOP
        PERFORM pgaudit_py.write_activity('T', tracked.subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            jsonb_build_object('_partition', gone.name, '_leaf', gone.leaf, '_departed', true), 'detached');
        news := true;
    END LOOP;
    IF news OR tracked.partitions IS DISTINCT FROM present THEN
        UPDATE pgaudit_py.tracked_table AS k SET partitions = present, partitions_at = clock_timestamp() WHERE k.id = tracked_id;
        RETURN true;
    END IF;
    RETURN false;
END
$$;

CREATE FUNCTION pgaudit_py.own_functions() RETURNS TABLE(oid oid, name text, class text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT p.oid, p.oid::regprocedure::text,
        CASE
            WHEN r.class IS NOT NULL THEN
                -- Of two under one name, ours is the one with the proof; while neither has it, that which was there first.
                CASE WHEN p.oid = first_value(p.oid) OVER (
                    PARTITION BY p.proname ORDER BY pgaudit_py.function_proof(p.oid) = m.proof DESC NULLS LAST, p.oid) THEN r.class END
            WHEN k.id IS NOT NULL THEN 'capture'
        END
    FROM pg_proc AS p
    LEFT JOIN pgaudit_py.function_roles() AS r ON r.function_name = p.proname
    LEFT JOIN pgaudit_py.migration AS m ON m.name = 'functions/' || p.proname || '.sql'
    LEFT JOIN pgaudit_py.tracked_table AS k
        ON k.removed_at IS NULL AND p.pronargs = 0 AND p.proname IN ('capture_' || k.id, 'capture_' || k.id || '_truncate', 'capture_' || k.id || '_shape')
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace
$$;

CREATE FUNCTION pgaudit_py.own_table(tracked_id integer) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(
        (SELECT c.oid
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.oid = last.relation AND (n.nspname, c.relname) = (k.schema_name, k.table_name)),
        (SELECT c.oid
         FROM pg_proc AS p
         JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0
         JOIN pg_class AS c ON c.oid = t.tgrelid
         JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE p.pronamespace = 'pgaudit_py'::regnamespace AND p.proname IN ('capture_' || k.id, 'capture_' || k.id || '_truncate')
             AND NOT c.relispartition
         ORDER BY c.oid IS NOT DISTINCT FROM last.relation DESC, t.tgname IN ('00_pgaudit_py', '00_pgaudit_py_truncate') DESC,
                  (n.nspname, c.relname) = (k.schema_name, k.table_name) DESC,
                  p.proname = 'capture_' || k.id DESC, c.oid
         LIMIT 1))
    FROM pgaudit_py.tracked_table AS k
    LEFT JOIN LATERAL (
        SELECT s.relation FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = k.id ORDER BY s.id DESC LIMIT 1) AS last ON true
    WHERE k.id = tracked_id AND k.removed_at IS NULL
$$;

CREATE FUNCTION pgaudit_py.parse_metadata(given text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
BEGIN
    IF octet_length(given) <= 8192 AND jsonb_typeof(given::jsonb) = 'object' THEN
        RETURN given::jsonb - '{_after,_altered,_departed,_drift,_key,_label,_leaf,_partition,_rows,_rows_over}'::text[];  -- what only the triggers say
    END IF;
    RETURN jsonb_build_object('_invalid', left(given, 512));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('_invalid', left(given, 512));
END
$$;

CREATE FUNCTION pgaudit_py.partition_key(relation oid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(DISTINCT a.attname::text), '{}')
    FROM pg_partition_tree(relation) AS t
    JOIN pg_partitioned_table AS p ON p.partrelid = t.relid
    JOIN pg_attribute AS a ON a.attrelid = t.relid AND a.attnum = ANY (p.partattrs)
$$;

CREATE FUNCTION pgaudit_py.place_of(relation oid, root oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT CASE WHEN relation = root THEN '{}' ELSE jsonb_build_object('_partition', relation::regclass, '_leaf', relation::bigint) END
$$;

CREATE FUNCTION pgaudit_py.plan_restore(subject_type text, current_id text, target jsonb, target_columns jsonb, unknown jsonb, OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb, OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    present jsonb := pgaudit_py.watched_columns(relation);
    column_of record;
    wanted_id text;
    cannot text;
BEGIN
    SELECT t.schema_name, t.table_name, pgaudit_py.key_of(relation) INTO schema_name, table_name, key FROM pgaudit_py.inspect_table(relation) AS t;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the table of % is no longer audited, or gone', quote_ident(subject_type)
            USING ERRCODE = 'PGA08', HINT = 'Install auditing on it; its history is kept.';
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    END IF;
    current := pgaudit_py.live_row(relation, current_id);
    left_out := '{}';
    columns := '{}';
    IF target IS NOT NULL THEN
        wanted := '{}';
        FOR column_of IN
            SELECT was.name AS old_name, now_is.name, now_is.description, was.description || now_is.description AS both_say, r.recoded, r.fits
            FROM jsonb_each(target_columns) AS was(name, description)
            FULL JOIN jsonb_each(present) AS now_is(name, description)
                ON was.description -> 'attnum' = now_is.description -> 'attnum'
            CROSS JOIN LATERAL pgaudit_py.recoded(target -> was.name, was.description, now_is.description) AS r
        LOOP
            IF column_of.name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.old_name, 'dropped since');
            ELSIF (column_of.description ->> 'generated')::boolean THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'generated');
                IF column_of.name = ANY (key) AND target ? column_of.old_name THEN
                    wanted := wanted || jsonb_build_object(column_of.name, target -> column_of.old_name);
                END IF;
            ELSIF column_of.old_name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'added since');
            ELSIF column_of.both_say ? 'excluded' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'excluded from the audit trail');
            ELSIF column_of.both_say ? 'redacted' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'redacted');
            ELSIF column_of.both_say ? 'paths' THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'redacted in part');
            ELSIF unknown ? column_of.old_name THEN
                left_out := left_out || jsonb_build_object(column_of.name, coalesce(
                    'too large to be kept: ' || (unknown -> column_of.old_name ->> 'bytes') || ' bytes', 'not recorded'));
            ELSIF NOT column_of.fits THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'of another type since, which it does not fit');
            ELSE
                columns := columns || column_of.name::text;
                IF column_of.recoded IS NOT NULL THEN
                    wanted := wanted || jsonb_build_object(column_of.name, column_of.recoded);
                END IF;
            END IF;
        END LOOP;
        changes := pgaudit_py.diff_states(
            current - ARRAY(SELECT jsonb_object_keys(left_out)), wanted - ARRAY(SELECT jsonb_object_keys(left_out)));
        IF wanted ?& key THEN
            wanted_id := pgaudit_py.subject_id(
                subject_type, ARRAY(SELECT wanted ->> k.name FROM unnest(key) WITH ORDINALITY AS k(name, position)
                                    ORDER BY k.position));
        END IF;
    END IF;
    operation := CASE
        WHEN target IS NULL AND current IS NULL THEN 'none'
        WHEN target IS NULL THEN 'delete'
        WHEN current IS NULL THEN 'insert'
        WHEN changes IS NULL THEN 'none'
        ELSE 'update' END;
    IF wanted_id IS DISTINCT FROM current_id AND pgaudit_py.live_row(relation, wanted_id) IS NOT NULL THEN
        conflict := format('the key %s is taken by another record', wanted_id);
    END IF;
    IF operation = 'insert' THEN
        SELECT format('%s was not recorded, and may not be NULL', string_agg(a.attname, ', ' ORDER BY a.attnum)) INTO cannot
        FROM pg_attribute AS a
        WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef
            AND a.attidentity = '' AND left_out ? a.attname::text
        HAVING count(*) > 0;
        conflict := coalesce(conflict, cannot);
    ELSE
        columns := ARRAY(SELECT jsonb_object_keys(changes) WHERE operation = 'update');
    END IF;
    proof := md5(concat(relation, '|', coalesce(current::text, 'none')));
END
$$;

CREATE FUNCTION pgaudit_py.present_columns(relation oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    known CONSTANT jsonb := pgaudit_py.catalog_columns(relation);
    one_row CONSTANT text := format('FROM (SELECT (NULL::%s).*) AS r', relation::regclass);
    empty_row json;
    numbers jsonb := '{}';  -- of columns that the snapshot shows otherwise
    names text[];
    alike boolean[];
    types oid[];
    collations text[];
BEGIN
    -- r.* is the row, also where a column is called r.
    EXECUTE 'SELECT row_to_json(r.*) ' || one_row INTO empty_row;
    IF EXISTS (SELECT FROM json_object_keys(empty_row) AS n(name)
               WHERE NOT pgaudit_py.is_called(relation, (known -> n.name ->> 'attnum')::smallint, n.name)) THEN
        numbers := (SELECT coalesce(jsonb_object_agg(p.name, p.number), '{}') FROM pgaudit_py.present_names(relation) AS p);
    END IF;
    SELECT array_agg(c.name ORDER BY c.position), array_agg(c.alike ORDER BY c.position) INTO names, alike
    FROM (
        SELECT n.name, n.position, coalesce(
            coalesce((numbers ->> n.name)::smallint, k.number) = k.number
            AND (NOT (known -> n.name -> 'generated')::boolean OR pgaudit_py.expression_stands(relation, k.number)), false) AS alike
        FROM json_object_keys(empty_row) WITH ORDINALITY AS n(name, position)
        CROSS JOIN LATERAL (SELECT (known -> n.name ->> 'attnum')::smallint AS number) AS k
    ) AS c
    WHERE c.alike OR NOT pgaudit_py.is_generated(relation, c.name);
    EXECUTE format('SELECT ARRAY[%s]::oid[] ', (
        SELECT string_agg(format('pg_typeof(r.%I)', n.name), ', ' ORDER BY n.position)
        FROM unnest(names) WITH ORDINALITY AS n(name, position))) || one_row INTO types;
    -- Of a type without collations none may be asked for. One that the snapshot does not show is none that it has alike.
    EXECUTE format('SELECT ARRAY[%s]::text[] ', (
        SELECT string_agg(CASE WHEN t.typcollation <> 0 THEN format('pg_collation_for(r.%I)', n.name) ELSE 'NULL' END, ', ' ORDER BY n.position)
        FROM unnest(names, types) WITH ORDINALITY AS n(name, type, position)
        LEFT JOIN pg_type AS t ON t.oid = n.type)) || one_row INTO collations;
    RETURN (
        SELECT coalesce(jsonb_object_agg(c.name, CASE
            WHEN c.alike AND known -> c.name ->> 'type' = format_type(c.type, -1)
            THEN known -> c.name || CASE WHEN c.collation_name IS DISTINCT FROM nullif(a.attcollation, 0)::regcollation::text
                                         THEN jsonb_build_object('collation', c.collation_name) ELSE '{}' END
            ELSE jsonb_build_object(
                'attnum', coalesce(numbers -> c.name, known -> c.name -> 'attnum'), 'type', format_type(c.type, -1),
                'encoding', coalesce(pgaudit_py.encoding_of(c.type), 'text'), 'generated', false, 'identity', false)
            END), '{}')
        FROM unnest(names, alike, types, collations) AS c(name, alike, type, collation_name)
        LEFT JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = c.name);
EXCEPTION WHEN OTHERS THEN
    RETURN (
        SELECT coalesce(jsonb_object_agg(p.name, coalesce(k.description, jsonb_build_object(
                'type', 'text', 'generated', false, 'identity', false, 'sources', s.everything))
            || jsonb_build_object('attnum', p.number, 'encoding', 'text')), '{}')
        FROM pgaudit_py.present_names(relation) AS p
        LEFT JOIN jsonb_each(known) AS k(name, description) ON (k.description ->> 'attnum')::smallint = p.number
        -- What is new may be generated from anything.
        CROSS JOIN (SELECT jsonb_agg(o.number) AS everything FROM pgaudit_py.present_names(relation) AS o) AS s
        WHERE k.name IS NULL OR NOT (k.description -> 'generated')::boolean OR pgaudit_py.expression_stands(relation, p.number));
END
$$;

CREATE FUNCTION pgaudit_py.present_key(relation oid, columns jsonb, before bigint[]) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN cardinality(before) > 0 AND cardinality(k.names) = cardinality(before) AND pgaudit_py.key_index(relation, k.names) IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM pg_attribute AS a WHERE a.attrelid = relation AND a.attname = ANY (k.names) AND NOT a.attnotnull) THEN k.names
        ELSE pgaudit_py.primary_key(relation) END
    FROM (
        SELECT array_agg(c.name ORDER BY array_position(before, (c.description -> 'attnum')::bigint)) AS names
        FROM jsonb_each(columns) AS c(name, description)
        WHERE (c.description -> 'attnum')::bigint = ANY (before)) AS k
$$;

CREATE FUNCTION pgaudit_py.present_names(relation oid) RETURNS TABLE(number smallint, name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT n.number::smallint, a.object_names[3]
    FROM (SELECT g.number FROM generate_series(1, 1600) AS g(number)
          WHERE has_column_privilege(relation, g.number::smallint, 'SELECT') IS NOT NULL OFFSET 0) AS n
    CROSS JOIN LATERAL pg_identify_object_as_address('pg_class'::regclass, relation, n.number) AS a
$$;

CREATE FUNCTION pgaudit_py.present_state(tracked_id integer, relation oid, told jsonb, watched boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    columns jsonb;
BEGIN
    IF relation IS NULL THEN
        RETURN told || '{"table": null}';
    END IF;
    columns := pgaudit_py.shape_columns(relation, (
        SELECT to_jsonb(s) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id ORDER BY s.id DESC LIMIT 1));
    RETURN jsonb_build_object(
        'columns', pgaudit_py.essential_columns(columns),
        'key', pgaudit_py.present_key(relation, columns, pgaudit_py.shape_key(told)),
        'table', (SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                  WHERE c.oid = relation),
        'triggers', CASE WHEN watched THEN pgaudit_py.trigger_state(tracked_id, relation) ELSE told -> 'triggers' END);
END
$$;

CREATE FUNCTION pgaudit_py.primary_key(relation oid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(a.attname::text ORDER BY k.position), '{}')
    FROM pg_index AS i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'  -- that of periods, WITHOUT OVERLAPS, is another one
    WHERE i.indrelid = relation AND i.indisprimary AND k.position <= i.indnkeyatts  -- what INCLUDE adds is no key
$$;

CREATE FUNCTION pgaudit_py.proof(tracked_id integer) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT encode(sha256(convert_to(string_agg(
        p.prosrc || E'\n' || array_to_string(c.settings, E'\n') || E'\n', E'\n' ORDER BY n.position), 'UTF8')), 'hex')
    FROM unnest(ARRAY['capture_' || tracked_id, 'capture_' || tracked_id || '_truncate', 'capture_' || tracked_id || '_shape']) WITH ORDINALITY AS n(name, position)
    JOIN pg_proc AS p ON p.proname = n.name AND p.pronamespace = 'pgaudit_py'::regnamespace AND p.pronargs = 0
        AND p.prosecdef = (n.position < 3)
    CROSS JOIN LATERAL (
        SELECT array_replace(p.proconfig, 'search_path="pg_catalog", "pg_temp"', 'search_path=pg_catalog, pg_temp') AS settings) AS c
    JOIN pg_class AS l ON l.oid = 'pgaudit_py.activity_log'::regclass AND l.relowner = p.proowner
    HAVING count(*) = 3
$$;

CREATE FUNCTION pgaudit_py.recoded(value jsonb, was jsonb, now_is jsonb, OUT recoded jsonb, OUT fits boolean) RETURNS record
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    came_from_jsonb CONSTANT boolean := was ->> 'encoding' = 'jsonb';
    goes_to_jsonb CONSTANT boolean := now_is ->> 'encoding' = 'jsonb';
BEGIN
    fits := true;
    recoded := value;
    IF came_from_jsonb AND NOT goes_to_jsonb THEN
        recoded := coalesce(to_jsonb(value::text), 'null');
    ELSIF goes_to_jsonb AND NOT came_from_jsonb THEN
        recoded := CASE jsonb_typeof(value) WHEN 'null' THEN NULL WHEN 'string' THEN (value #>> '{}')::jsonb ELSE value END;
    END IF;
EXCEPTION WHEN data_exception THEN
    recoded := NULL;
    fits := false;
END
$$;

CREATE FUNCTION pgaudit_py.recognise(present jsonb, shape jsonb, elsewhere boolean, in_order boolean) RETURNS TABLE(name text, was text)
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH here AS (
        SELECT h.name, h.description ->> 'type' AS type, (h.description -> 'attnum')::bigint AS number,
               row_number() OVER (ORDER BY (h.description -> 'attnum')::bigint) AS place
        FROM jsonb_each(present) AS h(name, description)
    ), known AS (
        SELECT k.*, row_number() OVER (ORDER BY k.inherited DESC, k.number) AS place
        FROM (SELECT m.name, m.description ? 'inherited' AS inherited, m.description ->> 'type' AS type, coalesce(m.description -> 'now', m.description -> 'attnum')::bigint AS number
              FROM jsonb_each(nullif(shape -> 'columns', 'null')) AS m(name, description)) AS k
    ), pair AS (
        SELECT h.name, k.name AS was, h.type, h.type = k.type AS alike, h.place AS here, k.place AS there,
               max(k.place) OVER (line ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
               min(k.place) OVER (line ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS after
        FROM here AS h JOIN known AS k ON CASE WHEN elsewhere THEN k.name = h.name ELSE k.number = h.number END
        WINDOW line AS (ORDER BY h.place)
    ), named AS MATERIALIZED (
        SELECT p.*, lag(p.here, 1, 0::bigint) OVER (ORDER BY p.here) AS neighbour, p.here = max(p.here) OVER () AS is_last
        FROM pair AS p
        WHERE p.alike AND p.here <= p.there AND coalesce(p.before < p.there, true) AND coalesce(p.there < p.after, true)
    ), nobody AS (
        SELECT h.type, min(h.place) AS first, max(h.place) AS last
        FROM here AS h WHERE h.name NOT IN (SELECT n.name FROM named AS n) GROUP BY h.type
    ), missing AS (
        SELECT k.type, min(k.place) AS first, max(k.place) AS last
        FROM known AS k WHERE k.name NOT IN (SELECT n.was FROM named AS n) GROUP BY k.type
    )
    SELECT p.name, p.was FROM pair AS p WHERE NOT (elsewhere AND in_order)
    UNION ALL
    SELECT n.name, n.was
    FROM named AS n LEFT JOIN nobody USING (type) LEFT JOIN missing USING (type)
    WHERE elsewhere AND in_order AND NOT (n.is_last AND n.neighbour < n.here - 1)
        AND ((missing.first < n.there AND nobody.last > n.here) OR (missing.last > n.there AND nobody.first < n.here)) IS NOT TRUE
$$;

CREATE FUNCTION pgaudit_py.record_alteration(tracked_id integer, relation oid, watched boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    told CONSTANT jsonb := pgaudit_py.told_state(tracked_id);
    present CONSTANT jsonb := pgaudit_py.present_state(tracked_id, relation, told, watched);
    altered CONSTANT jsonb := pgaudit_py.table_differences(told, present);
BEGIN
    IF told IS NULL OR altered IS NULL THEN
        RETURN;
    END IF;
    PERFORM pgaudit_py.write_activity(
        NULL, (SELECT k.subject_type FROM pgaudit_py.tracked_table AS k WHERE k.id = tracked_id), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        (SELECT max(s.id) FROM pgaudit_py.table_shape AS s WHERE s.tracked_table_id = tracked_id),
        jsonb_build_object('_altered', altered, '_after', present), 'altered');
END
$$;

CREATE FUNCTION pgaudit_py.record_at(subject_type text, subject_id text, at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.state FROM pgaudit_py.record_state_at(subject_type, subject_id, at) AS s
$$;

CREATE FUNCTION pgaudit_py.record_change(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, shape jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $_$
DECLARE
    root CONSTANT oid := pgaudit_py.root_of(relation);  -- a partition's columns have its names, and numbers of their own
    columns CONSTANT jsonb := pgaudit_py.shape_columns(root, shape);
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    value_limit CONSTANT bigint := pgaudit_py.value_limit(shape);
    old_state jsonb;
    new_state jsonb;
    old_omitted jsonb;
    omitted jsonb;
    redacted jsonb;
    subject_id text;
    previous_subject_id text;
    changes jsonb;
    marks jsonb := CASE WHEN pgaudit_py.has_drifted(root, shape ->> 'fingerprint')
                        THEN jsonb_build_object('_drift', columns) ELSE '{}' END
        || pgaudit_py.place_of(relation, root);
BEGIN
    SELECT * INTO new_state, omitted FROM pgaudit_py.row_state(columns, new_row, value_limit) WHERE tg_op <> 'DELETE';
    SELECT * INTO old_state, old_omitted FROM pgaudit_py.row_state(columns, old_row, value_limit) WHERE tg_op <> 'INSERT';
    subject_id := pgaudit_py.subject_of(columns, key, CASE WHEN tg_op = 'DELETE' THEN old_row ELSE new_row END);
    IF tg_op = 'UPDATE' THEN
        SELECT d.changes, d.omitted INTO changes, omitted
        FROM pgaudit_py.diff_incomplete(columns, old_state, old_omitted, new_state, omitted) AS d;
        redacted := pgaudit_py.redacted_changes(columns, old_row, new_row);
        IF changes = '{}' AND redacted IS NULL AND NOT coalesce(omitted @? '$.* ? (@.why == "error")', false) THEN
            RETURN;
        END IF;
        previous_subject_id := nullif(pgaudit_py.subject_of(columns, key, old_row), subject_id);
    ELSE
        omitted := coalesce(omitted, old_omitted);
        redacted := pgaudit_py.redacted_of(columns);
    END IF;
    omitted := nullif(coalesce(omitted, '{}') || coalesce(redacted, '{}'), '{}');
    IF octet_length(subject_id) > 2000 OR octet_length(previous_subject_id) > 2000 THEN
        -- No index of the log could hold it: the record has no name there, but its rows are kept.
        subject_id := CASE WHEN octet_length(subject_id) <= 2000 THEN subject_id END;
        previous_subject_id := CASE WHEN octet_length(previous_subject_id) <= 2000 THEN previous_subject_id END;
        marks := marks || '{"_key": "too long"}';
    END IF;
    PERFORM pgaudit_py.write_activity(
        left(tg_op, 1)::"char", subject_type, subject_id, previous_subject_id, old_tid, new_tid, changes,
        coalesce(new_state, old_state), omitted, CASE WHEN NOT marks ? '_drift' THEN (shape -> 'id')::integer END, nullif(marks, '{}'));
END
$_$;

CREATE FUNCTION pgaudit_py.record_emptying(relation oid, subject_type text, shape jsonb, row_limit bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    row_count bigint;      -- NULL: not known
    kept boolean := false;
    why text := 'they cannot be read';
    who record;
    root CONSTANT oid := pgaudit_py.root_of(relation);
    leaf CONSTANT oid := nullif(relation, root);
    columns CONSTANT jsonb := pgaudit_py.shape_columns(root, shape);
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    marks jsonb := pgaudit_py.place_of(relation, root);
    shape_id integer := (shape -> 'id')::integer;
BEGIN
    IF pgaudit_py.has_drifted(root, shape ->> 'fingerprint') THEN
        shape_id := NULL;
        marks := marks || jsonb_build_object('_drift', columns);
    END IF;
    BEGIN
        -- A foreign table would be read with the rights of the log's owner, on a server that its owner chose.
        IF NOT row_security_active(relation) AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = relation AND c.relkind = 'f') THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM %s LIMIT %s) AS counted', pgaudit_py.rows_of(relation), row_limit + 1)
                INTO row_count;
        END IF;
        IF row_count > row_limit THEN
            why := format('there are more than %s', row_limit);
        ELSIF row_count IS NOT NULL THEN
            who := pgaudit_py.context();
            INSERT INTO pgaudit_py.activity_log (
                operation, action, subject_type, subject_id, causer_type, causer_id, ip, user_agent, request_id,
                metadata, snapshot, omitted, shape_id)
            SELECT 'D', coalesce(who.action, 'deleted'), record_emptying.subject_type,
                   CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END,  -- as record_change() has it
                   who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
                   nullif(coalesce(who.metadata, '{}') || marks
                          || CASE WHEN octet_length(r.subject_id) > 2000 THEN '{"_key": "too long"}'::jsonb ELSE '{}' END, '{}'),
                   r.state, nullif(coalesce(pgaudit_py.redacted_of(columns), '{}') || coalesce(r.omitted, '{}'), '{}'), shape_id
            FROM pgaudit_py.live_rows(root, key, columns, pgaudit_py.value_limit(shape), leaf) AS r;
            kept := true;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        -- A row that cannot be read is no reason to refuse: the truncation is recorded as such. A log that takes no rows is.
        IF pgaudit_py.can_read_rows(root, key, columns, leaf) THEN
            RAISE;
        END IF;
    END;
    IF NOT kept THEN
        RAISE WARNING 'pgaudit-py: TRUNCATE of % is recorded without its rows: %', relation::regclass, why;
    END IF;
    PERFORM pgaudit_py.write_activity('T', subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        CASE WHEN kept THEN jsonb_build_object('_rows', row_count)
             WHEN row_count > row_limit THEN jsonb_build_object('_rows_over', row_limit) ELSE '{}' END
        || pgaudit_py.place_of(relation, root));
END
$$;

CREATE FUNCTION pgaudit_py.record_state(relation oid, leaf oid, address tid, subject_type text, label text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET row_security TO 'off'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $_$
DECLARE
    shape CONSTANT jsonb := pgaudit_py.shape_in_force(relation);
    columns CONSTANT jsonb := pgaudit_py.shape_columns(relation, shape);
    drifted CONSTANT boolean := shape -> 'columns' IS DISTINCT FROM columns;
    key CONSTANT bigint[] := pgaudit_py.shape_key(shape);
    found_row record;
    short boolean;
BEGIN
    IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = leaf AND c.relkind = 'f') THEN
        RAISE EXCEPTION '% is a foreign table', leaf::regclass USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT r.state, r.omitted, pgaudit_py.subject_of($1, $2, live.*) AS subject_id FROM %s AS live '
                   'CROSS JOIN LATERAL pgaudit_py.row_state($1, live.*, $4) AS r WHERE live.ctid = $3', pgaudit_py.rows_of(leaf))
    INTO STRICT found_row USING columns, key, address, pgaudit_py.value_limit(shape);
    short := octet_length(found_row.subject_id) <= 2000;  -- else no index of the log could hold it
    RETURN pgaudit_py.write_activity(
        'S', subject_type, CASE WHEN short THEN found_row.subject_id END, NULL, address, address, NULL, found_row.state,
        nullif(coalesce(pgaudit_py.redacted_of(columns), '{}') || coalesce(found_row.omitted, '{}'), '{}'),
        CASE WHEN NOT drifted THEN (shape -> 'id')::integer END,
        nullif(jsonb_strip_nulls(jsonb_build_object('_label', label, '_key', CASE WHEN NOT short THEN 'too long' END))
               || CASE WHEN drifted THEN jsonb_build_object('_drift', columns) ELSE '{}' END || pgaudit_py.place_of(leaf, relation), '{}'),
        'snapshot');
END
$_$;

CREATE FUNCTION pgaudit_py.record_state_at(subject_type text, subject_id text, at timestamp with time zone, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb, OUT base bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    began timestamptz;
    ended timestamptz;
    gap record;
    here record;
    life record;
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    watched record;
BEGIN
    SELECT min(t.installed_at), CASE WHEN bool_and(t.removed_at IS NOT NULL) THEN max(t.removed_at) END INTO began, ended
    FROM pgaudit_py.tracked_table AS t WHERE t.subject_type = record_state_at.subject_type;
    IF began IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF at < began THEN
        RAISE EXCEPTION 'the audit trail of % begins at %, after %', quote_ident(subject_type), began, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a later time.';
    ELSIF at >= ended THEN
        RAISE EXCEPTION 'the audit trail of % ended at %, before %', quote_ident(subject_type), ended, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for an earlier time.';
    END IF;
    SELECT s.unseen_from, s.created_at INTO gap
    FROM pgaudit_py.tracked_table AS t JOIN pgaudit_py.table_shape AS s ON s.tracked_table_id = t.id
    WHERE t.subject_type = record_state_at.subject_type AND s.unseen_from <= at AND at < s.created_at;
    IF FOUND THEN
        RAISE EXCEPTION '% was not audited from % to %', quote_ident(subject_type), gap.unseen_from, gap.created_at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a time before or after.';
    END IF;
    SELECT c.columns, c.since INTO watched FROM pgaudit_py.columns_at(subject_type, at) AS c;
    here := pgaudit_py.resident_at(subject_type, subject_id, at);
    IF NOT here.known THEN
        -- Nothing happened since the trail began: it is what it was.
        columns := coalesce(watched.columns, pgaudit_py.watched_columns(relation));
        SELECT jsonb_object_agg(t.name, live.state -> p.name) FILTER (WHERE live.state -> p.name IS NOT NULL),
               jsonb_object_agg(t.name, live.omitted -> p.name) FILTER (WHERE p.name IS NULL OR live.omitted ? p.name)
        INTO state, unknown
        FROM pgaudit_py.live_state(relation, subject_id) AS live
        CROSS JOIN jsonb_each(columns) AS t(name, description)
        LEFT JOIN jsonb_each(pgaudit_py.watched_columns(relation)) AS p(name, description)
            ON pgaudit_py.field_id(p.description) = pgaudit_py.field_id(t.description)
                AND NOT p.description || t.description ?| '{excluded,redacted}'
        WHERE live.state IS NOT NULL;
        IF state IS NULL AND pgaudit_py.live_row(relation, subject_id) IS NOT NULL THEN
            RAISE EXCEPTION 'the log does not tell what % % was at %', quote_ident(subject_type), quote_literal(subject_id), at
                USING ERRCODE = 'PGA05', HINT = 'It was not looked at for a time since, and what it is now may be another thing.';
        ELSIF state IS NULL THEN
            RAISE EXCEPTION 'neither the log nor the table knows % %', quote_ident(subject_type), quote_literal(subject_id)
                USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
        END IF;
    ELSIF here.id IS NOT NULL THEN
        base := here.id;
        SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
               max(l.ordinal) FILTER (WHERE l.id = here.id) AS position
        INTO life FROM pgaudit_py.life(here.id) AS l;
        SELECT s.state, s.columns, s.unknown INTO state, columns, unknown
        FROM pgaudit_py.state_at(life.ids, life.times, life.position - CASE WHEN here.happened THEN 0 ELSE 1 END,
            CASE WHEN NOT here.happened OR watched.since > life.times[life.position] THEN watched.columns END) AS s;
        IF state = '{}' AND unknown ?& ARRAY(SELECT jsonb_object_keys(columns)) THEN
            RAISE EXCEPTION 'the log does not tell what % % was at %', quote_ident(subject_type), quote_literal(subject_id), at
                USING ERRCODE = 'PGA05', HINT = 'Nobody looked for a time before. Ask for an earlier time, or for one after its next change.';
        END IF;
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.record_truncation(relation oid, subject_type text, shape jsonb, row_limit bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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
$$;

CREATE VIEW pgaudit_py.versions WITH (security_invoker='true') AS
 SELECT id,
    created_at,
    transaction_id,
    operation,
    action,
    subject_type,
    subject_id,
    previous_subject_id,
    causer_type,
    causer_id,
    (metadata ->> '_label'::text) AS label,
    (snapshot IS NOT NULL) AS stored
   FROM pgaudit_py.activity_log
  WHERE (operation = ANY (ARRAY['I'::"char", 'U'::"char", 'D'::"char", 'S'::"char"]));

CREATE FUNCTION pgaudit_py.record_versions(subject_type text, subject_id text) RETURNS SETOF pgaudit_py.versions
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.*
    FROM pgaudit_py.subject_lives(record_versions.subject_type, record_versions.subject_id) AS s
    JOIN pgaudit_py.versions AS v ON v.id = s.id AND v.created_at = s.created_at
    ORDER BY s.life, s.ordinal
$$;

CREATE FUNCTION pgaudit_py.redacted_changes(columns jsonb, old_row record, new_row record) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    part record;
    differs boolean;
    changed jsonb;
BEGIN
    FOR part IN
        SELECT c.name AS column_name, c.name, NULL::text[] AS path
        FROM jsonb_each(columns) AS c(name, description) WHERE c.description ? 'redacted'
        UNION ALL
        SELECT c.name, concat_ws('.', c.name, array_to_string(s.path, '.')), s.path
        FROM jsonb_each(columns) AS c(name, description)
        CROSS JOIN jsonb_array_elements(c.description -> 'paths') AS p(path)
        CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(p.path)) AS path) AS s
    LOOP
        BEGIN
            EXECUTE format(CASE WHEN part.path IS NULL THEN 'SELECT record_image_ne(ROW(($1).%1$I), ROW(($2).%1$I))'
                                ELSE 'SELECT record_image_ne(ROW(pgaudit_py.at_path(($1).%1$I, %2$L)), ROW(pgaudit_py.at_path(($2).%1$I, %2$L)))' END,
                           part.column_name, part.path)
                INTO STRICT differs USING old_row, new_row;
        EXCEPTION WHEN OTHERS THEN
            differs := true;
        END;
        IF differs THEN
            changed := coalesce(changed, '{}') || jsonb_build_object(part.name, '{"why": "redacted"}'::jsonb);
        END IF;
    END LOOP;
    RETURN changed;
END
$_$;

CREATE FUNCTION pgaudit_py.redacted_of(columns jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT jsonb_object_agg(part.name, '{"why": "redacted"}'::jsonb)
    FROM jsonb_each(columns) AS c(name, description)
    CROSS JOIN LATERAL (
        SELECT c.name WHERE c.description ? 'redacted'
        UNION ALL
        SELECT concat_ws('.', c.name, (SELECT string_agg(e.step, '.' ORDER BY e.position)
                                       FROM jsonb_array_elements_text(p.path) WITH ORDINALITY AS e(step, position)))
        FROM jsonb_array_elements(c.description -> 'paths') AS p(path)
    ) AS part(name)
$$;

CREATE FUNCTION pgaudit_py.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'PGA09', HINT = 'Record a new activity instead; old months go as whole partitions.';
END
$$;

CREATE FUNCTION pgaudit_py.require_causer(subject_type text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('pgaudit_py.stamp', true) IS DISTINCT FROM extract(epoch FROM now())::text
            OR coalesce(current_setting('pgaudit_py.causer_id', true), '') = '' THEN
        RAISE EXCEPTION '% must not be changed without saying who does it', quote_ident(subject_type)
            USING ERRCODE = 'PGA12',
                  HINT = 'Bind the actor in the same transaction: set_actor(conn, user), or SELECT pgaudit_py.set_actor(''42'').';
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.require_state(relation oid, key text[], tracked_id integer, expected jsonb, table_name text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    state jsonb := pgaudit_py.install_state(relation, key, tracked_id);
    changed text := (SELECT string_agg(e.name, ', ' ORDER BY e.name) FROM jsonb_each(expected) AS e(name, value)
                     WHERE e.value IS DISTINCT FROM state -> e.name);
BEGIN
    IF state -> 'table' IS DISTINCT FROM expected -> 'table' THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13', HINT = 'Make the script anew, against this database.',
            MESSAGE = table_name || ' is not the table, or not as it was, for which this was made';
    ELSIF changed = 'log_owner' THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13',
            MESSAGE = format('the audit trail of %s is not as it was when this was made: %s', table_name, changed),
            HINT = format('The log belongs to %s, and belonged to %s then: make the script anew, against this database.',
                          state ->> 'log_owner', expected ->> 'log_owner');
    ELSIF changed IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'PGA13',
            MESSAGE = format('the audit trail of %s is not as it was when this was made: %s', table_name, changed),
            HINT = 'It may have been run already, or somebody installed meanwhile. See `pgaudit-py status`, and make the script anew.';
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.resident_at(of_type text, of_slot text, at timestamp with time zone, OUT known boolean, OUT id bigint, OUT happened boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    event record;
    torn bigint;             -- a transaction that had begun to write and went on
    gone integer[] := '{}';  -- stays that had ended
BEGIN
    known := false;
    FOR event IN SELECT * FROM pgaudit_py.stays(of_type, of_slot) AS s ORDER BY s.ordinal DESC LOOP
        known := true;
        happened := event.created_at <= at AND (event.transaction_id = torn) IS NOT TRUE
            AND pgaudit_py.happened_by(event.id, event.created_at, at);
        IF happened AND event.remaining = 0 THEN
            RETURN;
        ELSIF happened AND event.death THEN
            gone := gone || event.stay;
        ELSIF happened AND event.stay <> ALL (gone) THEN
            id := event.id;
            RETURN;
        ELSIF event.created_at <= at THEN
            torn := event.transaction_id;
        END IF;
    END LOOP;
    -- Nobody is known to have come by then: unless the first that is known of somebody is something else than a birth.
    IF NOT event.birth AND event.stay <> ALL (gone) THEN
        id := event.id;
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.restore_to_time(of_type text, of_key text, at timestamp with time zone) RETURNS TABLE(subject_type text, current_id text, base bigint, schema_name text, table_name text, key text[], columns text[], operation text, wanted jsonb, current jsonb, changes jsonb, left_out jsonb, conflict text, proof text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    target record;
    key_now text := of_key;
BEGIN
    target := pgaudit_py.record_state_at(of_type, of_key, at);
    IF target.base IS NOT NULL THEN
        key_now := pgaudit_py.current_key(target.base);
    END IF;
    RETURN QUERY SELECT of_type, key_now, target.base, p.*
    FROM pgaudit_py.plan_restore(of_type, key_now, target.state, target.columns, target.unknown) AS p;
END
$$;

CREATE FUNCTION pgaudit_py.restore_to_version(activity_id bigint) RETURNS TABLE(subject_type text, current_id text, base bigint, schema_name text, table_name text, key text[], columns text[], operation text, wanted jsonb, current jsonb, changes jsonb, left_out jsonb, conflict text, proof text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    target record;
    type_name text := (SELECT l.subject_type FROM pgaudit_py.activity_log AS l WHERE l.id = activity_id);
    key_now text := pgaudit_py.current_key(activity_id);
BEGIN
    target := pgaudit_py.version_at(activity_id);
    RETURN QUERY SELECT type_name, key_now, activity_id, p.*
    FROM pgaudit_py.plan_restore(type_name, key_now, target.state, target.columns, target.unknown) AS p;
END
$$;

CREATE FUNCTION pgaudit_py.restore_warnings(relation oid) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(array_agg(format('trigger %I runs code of %I with your rights', t.tgname, r.rolname) ORDER BY t.tgname), '{}')
    FROM pg_class AS c
    JOIN pg_trigger AS t ON t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
    JOIN pg_proc AS p ON p.oid = t.tgfoid AND NOT p.prosecdef
    JOIN pg_roles AS r ON r.oid = p.proowner AND NOT r.rolsuper AND r.rolname <> current_user
    WHERE c.oid = relation AND pg_get_userbyid(c.relowner) <> current_user
$$;

CREATE FUNCTION pgaudit_py.restored_otherwise(subject_type text, wanted jsonb, columns text[], key text[], previous_id text) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    wanted_id text := previous_id;
    live jsonb;
BEGIN
    IF wanted IS NOT NULL AND wanted ?& key THEN
        wanted_id := pgaudit_py.subject_id(
            subject_type, ARRAY(SELECT wanted ->> k.name FROM unnest(key) WITH ORDINALITY AS k(name, position)
                                ORDER BY k.position));
    END IF;
    live := pgaudit_py.live_row(pgaudit_py.live_table(subject_type), wanted_id);
    IF (live IS NULL) <> (wanted IS NULL) THEN
        RETURN ARRAY['*'];
    END IF;
    RETURN (SELECT array_agg(c.name ORDER BY c.name) FROM unnest(columns) AS c(name)
            WHERE (live -> c.name)::text IS DISTINCT FROM (wanted -> c.name)::text);
END
$$;

CREATE FUNCTION pgaudit_py.revoke_from(role text, as_what text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    kept text[];
    part record;
BEGIN
    PERFORM pgaudit_py.check_grant(role, as_what);
    SELECT array_agg(k.as_what) INTO kept FROM (VALUES ('app'), ('reader')) AS k(as_what)
    WHERE revoke_from.as_what NOT IN (k.as_what, 'restorer') AND EXISTS (
        SELECT FROM pgaudit_py.roles() AS held WHERE held.role = revoke_from.role AND held.as_what IN (k.as_what, 'restorer'));
    FOR part IN
        SELECT r.privilege, r.kind, string_agg(DISTINCT r.name, ', ') AS names
        FROM pgaudit_py.role_rights() AS r
        WHERE r.as_what IN (revoke_from.as_what, 'restorer') AND NOT EXISTS (
            SELECT FROM pgaudit_py.role_rights() AS other WHERE other.kind = r.kind AND other.object = r.object AND other.as_what = ANY (kept))
        GROUP BY r.privilege, r.kind
    LOOP
        EXECUTE format('REVOKE %s ON %s %s FROM %I', part.privilege, part.kind, part.names, role);
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.revoke_from_others(objects oid[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT DISTINCT 'TABLE' AS kind, c.oid::regclass::text AS name, a.grantee, c.relkind = 'S' AS is_sequence
        FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = ANY (objects) AND a.grantee <> c.relowner
        UNION ALL
        SELECT DISTINCT 'FUNCTION', p.oid::regprocedure::text, a.grantee, false
        FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
        WHERE p.oid = ANY (objects) AND a.grantee <> p.proowner
        UNION ALL
        SELECT DISTINCT 'SCHEMA', n.oid::regnamespace::text, a.grantee, false
        FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS a
        WHERE n.oid = ANY (objects) AND n.nspname = 'pgaudit_py' AND a.grantee <> n.nspowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %s',
            CASE WHEN given.is_sequence THEN 'SEQUENCE' ELSE given.kind END, given.name,
            CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.role_rights() RETURNS TABLE(as_what text, privilege text, kind text, object oid, name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH given(class, privilege, kind, object, name) AS (
        SELECT 'common', 'USAGE', 'SCHEMA', n.oid, n.oid::regnamespace::text
        FROM pg_namespace AS n WHERE n.nspname = 'pgaudit_py'
        UNION ALL
        SELECT t.class, 'SELECT', 'TABLE', c.oid, c.oid::regclass::text
        FROM (VALUES ('common', 'tracked_table'), ('common', 'table_shape'), ('reader', 'activity_log'), ('reader', 'migration'),
                     ('reader', 'versions')) AS t(class, name)
        JOIN pg_class AS c ON c.relname = t.name AND c.relnamespace = 'pgaudit_py'::regnamespace
        UNION ALL
        SELECT f.class, 'EXECUTE', 'FUNCTION', p.oid, p.oid::regprocedure::text
        FROM pgaudit_py.function_roles() AS f
        JOIN pg_proc AS p ON p.proname = f.function_name AND p.pronamespace = 'pgaudit_py'::regnamespace
    )
    SELECT r.as_what, g.privilege, g.kind, g.object, g.name
    FROM (VALUES ('app', '{common,app}'::text[]), ('reader', '{common,reader}'),
                 ('restorer', '{common,app,reader,restorer}')) AS r(as_what, classes)
    JOIN given AS g ON g.class = ANY (r.classes)
$$;

CREATE FUNCTION pgaudit_py.roles() RETURNS TABLE(role text, as_what text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH wanted AS (
        SELECT r.as_what, r.privilege, r.kind, r.object, count(*) OVER (PARTITION BY r.as_what) AS number
        FROM pgaudit_py.role_rights() AS r
    ), entry(kind, object, list) AS (
        SELECT 'SCHEMA', oid, nspacl FROM pg_namespace UNION ALL SELECT 'TABLE', oid, relacl FROM pg_class
        UNION ALL SELECT 'FUNCTION', oid, proacl FROM pg_proc
    ), held AS (
        SELECT a.grantee, w.as_what
        FROM wanted AS w
        JOIN entry AS e USING (kind, object)
        CROSS JOIN LATERAL aclexplode(e.list) AS a
        WHERE a.privilege_type = w.privilege
        GROUP BY a.grantee, w.as_what, w.number HAVING count(DISTINCT w.object) = w.number
    )
    SELECT r.rolname::text, h.as_what
    FROM held AS h
    JOIN pg_roles AS r ON r.oid = h.grantee
    JOIN pg_namespace AS n ON n.nspname = 'pgaudit_py' AND n.nspowner <> r.oid
    WHERE h.as_what = 'restorer'
        OR NOT EXISTS (SELECT FROM held AS more WHERE more.grantee = h.grantee AND more.as_what = 'restorer')
    ORDER BY 1, 2
$$;

CREATE FUNCTION pgaudit_py.root_of(relation oid) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce(pg_partition_root(relation::regclass)::oid, relation)
$$;

CREATE FUNCTION pgaudit_py.row_state(columns jsonb, source record, value_limit bigint DEFAULT NULL::bigint, OUT state jsonb, OUT omitted jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    field record;
    part record;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || pgaudit_py.state_expression(columns, '($1)') INTO STRICT state USING source;
        SELECT w.kept, w.omitted INTO STRICT state, omitted FROM pgaudit_py.within_limit(columns, state, value_limit) AS w;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        state := '{}';
    END;
    -- One of them cannot be written, or all together: one after the other.
    FOR field IN SELECT c.name, c.description FROM jsonb_each(columns) AS c(name, description) LOOP
        BEGIN
            EXECUTE 'SELECT w.* FROM pgaudit_py.within_limit($2, '
                || pgaudit_py.state_expression(jsonb_build_object(field.name, field.description), '($1)') || ', $3) AS w'
                INTO STRICT part USING source, columns, value_limit;
            state := state || part.kept;
            omitted := nullif(coalesce(omitted, '{}') || coalesce(part.omitted, '{}'), '{}');
        EXCEPTION WHEN OTHERS THEN
            omitted := coalesce(omitted, '{}')
                || jsonb_build_object(field.name, pgaudit_py.why_unread(field.name, field.description, source, SQLSTATE, SQLERRM));
        END;
    END LOOP;
END
$_$;

CREATE FUNCTION pgaudit_py.rows_of(relation oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    -- Not asked of pg_class, of which an old snapshot may not show the table.
    SELECT CASE WHEN pg_partition_root(relation::regclass) = relation::regclass THEN '' ELSE 'ONLY ' END || relation::regclass
$$;

CREATE FUNCTION pgaudit_py.set_actor(causer_id text, causer_type text DEFAULT NULL::text, ip text DEFAULT NULL::text, user_agent text DEFAULT NULL::text, request_id text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT
        set_config('pgaudit_py.causer_type', coalesce(left(set_actor.causer_type, 512), ''), true),
        set_config('pgaudit_py.causer_id', coalesce(left(set_actor.causer_id, 512), ''), true),
        set_config('pgaudit_py.ip', coalesce(left(set_actor.ip, 512), ''), true),
        set_config('pgaudit_py.user_agent', coalesce(left(set_actor.user_agent, 512), ''), true),
        set_config('pgaudit_py.request_id', coalesce(left(set_actor.request_id, 512), ''), true),
        set_config('pgaudit_py.metadata', coalesce(
            CASE
                WHEN set_actor.metadata = 'null' THEN NULL
                WHEN jsonb_typeof(set_actor.metadata) <> 'object' OR octet_length(set_actor.metadata::text) > 8192
                    THEN jsonb_build_object('_invalid', left(set_actor.metadata::text, 512))
                ELSE pgaudit_py.unreserved(set_actor.metadata)
            END::text, ''), true),
        set_config('pgaudit_py.action', '', true),
        set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true);
$$;

CREATE FUNCTION pgaudit_py.settings_of(type oid, as_text boolean) RETURNS text[]
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN t.typtype = 'e' OR t.oid IN (
            'boolean'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
            'text'::regtype, 'character varying'::regtype, 'character'::regtype, 'name'::regtype, 'uuid'::regtype,
            'json'::regtype, 'jsonb'::regtype, 'inet'::regtype, 'cidr'::regtype,
            -- arrays of such
            'boolean[]'::regtype, 'smallint[]'::regtype, 'integer[]'::regtype, 'bigint[]'::regtype,
            'numeric[]'::regtype, 'text[]'::regtype, 'character varying[]'::regtype, 'uuid[]'::regtype
        ) THEN '{}'
        WHEN t.oid IN ('real'::regtype, 'double precision'::regtype) THEN '{extra_float_digits}'
        WHEN t.oid = 'bytea'::regtype THEN '{bytea_output}'
        -- As JSON, times have one form whatever the DateStyle.
        WHEN t.oid IN ('date'::regtype, 'time'::regtype, 'timestamp'::regtype) AND NOT as_text THEN '{}'
        WHEN t.oid = 'timestamptz'::regtype AND NOT as_text THEN '{TimeZone}'
        ELSE '{DateStyle,IntervalStyle,TimeZone,bytea_output,extra_float_digits,lc_monetary,quote_all_identifiers}'
    END::text[]
    FROM pg_type AS t WHERE t.oid = pgaudit_py.base_type(type)
$$;

CREATE FUNCTION pgaudit_py.shape_columns(relation oid, shape jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    foreign_shift CONSTANT bigint := pgaudit_py.shift_of(relation, shape);
    in_order boolean := false;
BEGIN
    IF foreign_shift IS NOT NULL THEN
        -- A dump brings a table with our triggers; one that was made anew has none yet.
        in_order := EXISTS (
            SELECT FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
            WHERE t.tgrelid = relation);
    END IF;
    RETURN pgaudit_py.mark_columns(pgaudit_py.table_columns(relation), shape, foreign_shift, in_order);
END
$$;

CREATE FUNCTION pgaudit_py.shape_given(shape_id integer, fingerprint text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce((SELECT to_jsonb(s) FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), '{"key": []}')
        || jsonb_build_object('id', shape_id, 'fingerprint', shape_given.fingerprint)
$$;

CREATE FUNCTION pgaudit_py.shape_in_force(relation oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    booked CONSTANT pgaudit_py.table_shape := pgaudit_py.newest_shape(relation);
    shape jsonb;
BEGIN
    BEGIN
        EXECUTE format('SELECT pgaudit_py.%I()', format('capture_%s_shape', booked.tracked_table_id)) INTO shape;
    EXCEPTION WHEN undefined_function THEN
        IF to_regprocedure(format('pgaudit_py.capture_%s()', booked.tracked_table_id)) IS NULL THEN
            RAISE EXCEPTION 'the audit trail of % was changed since this transaction began', relation::regclass
                USING ERRCODE = 'PGA13', HINT = 'Begin another transaction.';
        END IF;
        shape := to_jsonb(booked);
    END;
    RETURN shape;
END
$$;

CREATE FUNCTION pgaudit_py.shape_key(shape jsonb) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT ARRAY(
        SELECT (shape -> 'columns' -> k.name ->> 'attnum')::bigint
        FROM jsonb_array_elements_text(shape -> 'key') WITH ORDINALITY AS k(name, position) ORDER BY k.position)
$$;

CREATE FUNCTION pgaudit_py.shape_of(shape_id integer, metadata jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce((SELECT s.columns FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), metadata -> '_drift', '{}')
$$;

CREATE FUNCTION pgaudit_py.shape_token(relation oid) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT gen_random_uuid()::text
$$;

CREATE FUNCTION pgaudit_py.shift_of(relation oid, shape jsonb) RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    here CONSTANT bigint := pgaudit_py.cluster();
BEGIN
    IF (shape ->> 'relation')::oid = relation AND coalesce((shape ->> 'cluster')::bigint = here, true) THEN
        RETURN NULL;
    END IF;
    RETURN 2000 * (1 + ('x' || left(encode(sha256(convert_to(concat_ws('/', here, relation), 'UTF8')), 'hex'), 8))::bit(32)::bigint);
END
$$;

CREATE FUNCTION pgaudit_py.slot_changes(of_type text, of_slot text) RETURNS TABLE(slot text, id bigint, created_at timestamp with time zone, epoch smallint, transaction_id bigint, birth boolean, death boolean, came_from text, went_to text, old_tid tid, new_tid tid, operation "char", leaf text, partition text, shape text)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
BEGIN
    -- A query for each case, so that a plan which was kept fits its case.
    IF of_slot IS NULL THEN
        RETURN QUERY
        SELECT l.subject_id, l.id, l.created_at, l.epoch, l.transaction_id, l.operation = 'I' OR l.previous_subject_id IS NOT NULL,
               l.operation = 'D', l.previous_subject_id, NULL::text,
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id IS NOT NULL AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT l.subject_id, l.id, l.created_at, l.epoch, l.transaction_id, l.operation = 'I' OR l.previous_subject_id IS NOT NULL,
               l.operation = 'D', l.previous_subject_id, NULL::text,
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id = of_slot AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid, l.operation, coalesce(l.metadata ->> '_leaf', ''),
               coalesce(l.metadata ->> '_partition', ''), coalesce(l.shape_id::text, md5(l.metadata ->> '_drift'), '')
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id = of_slot;
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.slot_stays(of_type text, of_slot text) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH stay AS (
        SELECT s.stay || ' of ' || of_slot AS name,
               array_agg(s.id ORDER BY s.ordinal) FILTER (WHERE s.went_to IS NULL) AS ids,
               array_agg(s.created_at ORDER BY s.ordinal) FILTER (WHERE s.went_to IS NULL) AS times,
               max(s.came_from) AS came_from, max(s.id) FILTER (WHERE s.came_from IS NOT NULL) AS arrival,
               max(s.went_to) AS went_to, max(s.id) FILTER (WHERE s.went_to IS NOT NULL) AS departure,
               s.stay
        FROM pgaudit_py.stays(of_type, of_slot) AS s GROUP BY s.stay
    )
    SELECT coalesce(jsonb_object_agg(name, jsonb_build_object(
               'name', name, 'number', stay, 'slot', of_slot, 'ids', coalesce(ids, '{}'), 'times', coalesce(times, '{}'),
               'came_from', came_from, 'arrival', arrival, 'went_to', went_to, 'departure', departure)), '{}')
        || coalesce(jsonb_object_agg('<' || arrival, name) FILTER (WHERE arrival IS NOT NULL), '{}')
        || coalesce(jsonb_object_agg('>' || departure, name) FILTER (WHERE departure IS NOT NULL), '{}')
    FROM stay
$$;

CREATE FUNCTION pgaudit_py.snapshot(subject_type text, subject_id text, label text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    AS $$
DECLARE
    relation CONSTANT oid := pgaudit_py.live_table(subject_type);
    key CONSTANT text[] := pgaudit_py.key_of(relation);
    leaf oid;
    address tid;
BEGIN
    IF relation IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_nullable(subject_type)
            USING ERRCODE = 'PGA03', HINT = concat('Run `pgaudit-py install --table ', subject_type, '`.');
    ELSIF key = '{}' THEN
        RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
            USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
    ELSIF label = '' OR length(label) > 512 THEN
        RAISE EXCEPTION 'a label has 1 to 512 characters'
            USING ERRCODE = 'PGA11', HINT = 'Name it as people will look for it: before import.';
    END IF;
    EXECUTE format('SELECT live.tableoid, live.ctid FROM %s AS live WHERE %s FOR NO KEY UPDATE',
        pgaudit_py.rows_of(relation), pgaudit_py.key_condition(relation, key, 'live', subject_id))
    INTO leaf, address;
    IF address IS NULL THEN
        RAISE EXCEPTION 'there is no % % now', quote_ident(subject_type), quote_nullable(left(subject_id, 100))
            USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
    END IF;
    RETURN pgaudit_py.snapshot_held(relation, leaf, address, subject_type, label);
END
$$;

CREATE FUNCTION pgaudit_py.snapshot_held(relation oid, leaf oid, address tid, subject_type text, label text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
    context text;
    callers text[];
BEGIN
    GET DIAGNOSTICS context = PG_CONTEXT;
    callers := string_to_array(context, E'\n');
    IF NOT coalesce(starts_with(
            callers[2], split_part(callers[1], 'pgaudit_py.snapshot_held(', 1) || 'pgaudit_py.snapshot(text,text,text) '), false) THEN
        RAISE EXCEPTION 'only pgaudit_py.snapshot() may call pgaudit_py.snapshot_held()'
            USING ERRCODE = '42501', HINT = 'Call pgaudit_py.snapshot(subject_type, subject_id, label).';
    END IF;
    BEGIN
        RETURN pgaudit_py.record_state(relation, leaf, address, subject_type, label);
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the owner of the log, %, cannot read table %: %', current_user, relation::regclass, SQLERRM
            USING ERRCODE = 'PGA10', HINT = format(
                'Run `pgaudit-py install --table %1$s` as the owner of the table, or GRANT SELECT ON %1$s TO %2$I. '
                'Where policies hide rows, the owner of the log needs BYPASSRLS.', relation::regclass, current_user);
    END;
END
$_$;

CREATE FUNCTION pgaudit_py.sources_of(relation oid, number smallint) RETURNS TABLE(source smallint, name text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT DISTINCT a.attnum, a.attname::text
    FROM pg_attrdef AS e
    JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid = e.adrelid AND d.refobjsubid <> e.adnum
    JOIN pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = d.refobjsubid AND NOT a.attisdropped
    WHERE e.adrelid = relation AND e.adnum = number
        AND EXISTS (SELECT FROM pg_attribute AS g WHERE g.attrelid = relation AND g.attnum = number AND g.attgenerated <> '')
$$;

CREATE FUNCTION pgaudit_py.state_at(ids bigint[], times timestamp with time zone[], happened integer, columns_then jsonb DEFAULT NULL::jsonb, OUT state jsonb, OUT unknown jsonb, OUT columns jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    edge record;     -- the activity that says how columns were called: the last one that had happened, else the first
    ending record;
    live jsonb;
    live_omitted jsonb;
    live_columns jsonb;
    relation oid;
BEGIN
    SELECT l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns INTO edge
    FROM pgaudit_py.activity_log AS l
    WHERE l.id = ids[greatest(happened, 1)] AND l.created_at = times[greatest(happened, 1)];
    columns := coalesce(columns_then, edge.columns);
    IF (CASE WHEN happened > 0 THEN edge.operation IN ('D', 'T') ELSE edge.operation = 'I' END) THEN
        RETURN;
    END IF;
    SELECT l.operation, l.subject_type, l.subject_id INTO ending
    FROM pgaudit_py.activity_log AS l WHERE l.id = ids[cardinality(ids)] AND l.created_at = times[cardinality(ids)];
    IF ending.operation NOT IN ('D', 'T') THEN
        relation := pgaudit_py.live_table(ending.subject_type);
        SELECT s.state, s.omitted INTO live, live_omitted FROM pgaudit_py.live_state(relation, ending.subject_id) AS s;
        live_columns := pgaudit_py.watched_columns(relation);
    END IF;
    WITH told AS (
        SELECT p.ordinal, f.field_id, f.value, f.after, f.told
        FROM unnest(ids, times) WITH ORDINALITY AS p(id, created_at, ordinal)
        JOIN pgaudit_py.activity_log AS l USING (id, created_at)
        CROSS JOIN LATERAL pgaudit_py.facts(
            l.operation, l.changes, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata)) AS f
        UNION ALL
        SELECT cardinality(ids) + 1, f.field_id, f.value, false, f.told
        FROM pgaudit_py.facts('D', NULL, live, live_omitted, live_columns) AS f
        WHERE live IS NOT NULL
    ), nearest AS (
        SELECT DISTINCT ON (field_id) field_id, value, told.told
        FROM told WHERE ordinal > happened OR after
        ORDER BY field_id, (after AND ordinal <= happened) DESC,
            CASE WHEN after AND ordinal <= happened THEN -ordinal ELSE ordinal END, after
    ), field AS (
        SELECT c.name, n.value, coalesce(n.told, false) AS known
        FROM jsonb_each(state_at.columns) AS c(name, description)
        LEFT JOIN nearest AS n ON n.field_id = pgaudit_py.field_id(c.description)
            AND NOT c.description ?| '{excluded,redacted}'
    )
    SELECT coalesce(jsonb_object_agg(name, value) FILTER (WHERE known AND value IS NOT NULL), '{}'),
           jsonb_object_agg(name, value) FILTER (WHERE NOT known)
    INTO state, unknown FROM field;
END
$$;

CREATE FUNCTION pgaudit_py.state_expression(columns jsonb, source text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH field AS (
        SELECT name, description ->> 'encoding' AS encoding,
               pgaudit_py.without_paths(
                   pgaudit_py.value_expression(description ->> 'encoding', format('%s.%I', source, name)),
                   description -> 'paths') AS value,
               (row_number() OVER (ORDER BY (description ->> 'attnum')::bigint)) / 45 AS batch
        FROM jsonb_each(columns) AS c(name, description)
        WHERE NOT description ?| '{excluded,redacted}'
    ), part AS (
        SELECT format('jsonb_build_object(%s)', string_agg(format('%L, %s', name, value), ', ')) AS expression
        FROM field WHERE encoding <> 'jsonb' GROUP BY batch
        UNION ALL
        SELECT format('CASE WHEN %s IS NULL THEN ''{}'' ELSE jsonb_build_object(%L, %s) END', value, name, value)
        FROM field WHERE encoding = 'jsonb'
    )
    SELECT coalesce(string_agg(expression, ' || '), '''{}''::jsonb') FROM part
$$;

CREATE FUNCTION pgaudit_py.stays(of_type text, of_slot text DEFAULT NULL::text) RETURNS TABLE(slot text, stay integer, ordinal integer, id bigint, created_at timestamp with time zone, transaction_id bigint, birth boolean, death boolean, came_from text, went_to text, remaining integer)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    event record;
    latest integer;              -- the stay that began last
    present integer[] := '{}';   -- those that have not ended, oldest first: one as a rule
    addresses tid[];             -- where their rows are
    leaves text[];               -- in which partitions, '' where there are none
    partitions text[];           -- what those were called
    leaving integer;             -- the one that is on its way to another partition
    staying boolean[];
    i integer;
BEGIN
    FOR event IN
        WITH truncation AS MATERIALIZED (
            SELECT l.id, l.created_at, coalesce(l.metadata ->> '_leaf', '') AS leaf,
                   CASE WHEN NOT l.metadata ? '_departed' THEN l.metadata ->> '_partition' END AS partition
            FROM pgaudit_py.activity_log AS l
            WHERE l.subject_type = of_type AND l.operation = 'T' AND l.subject_id IS NULL AND l.previous_subject_id IS NULL
        ), by_leaf AS MATERIALIZED (
            SELECT t.leaf, array_agg(t.id ORDER BY t.id) AS ids FROM truncation AS t GROUP BY t.leaf
        ), by_name AS MATERIALIZED (
            SELECT t.partition, array_agg(t.id ORDER BY t.id) AS ids FROM truncation AS t WHERE t.partition IS NOT NULL GROUP BY t.partition
        ), change AS MATERIALIZED (
            SELECT c.*, coalesce(width_bucket(c.id, b.ids), 0) AS era, b.ids[coalesce(width_bucket(c.id, b.ids), 0) + 1] AS ends,
                   n.ids[width_bucket(c.id, n.ids) + 1] AS ends_by_name
            FROM pgaudit_py.slot_changes(of_type, of_slot) AS c
            LEFT JOIN by_leaf AS b USING (leaf)
            LEFT JOIN by_name AS n USING (partition)
        ), placed AS MATERIALIZED (
            SELECT e.*, row_number() OVER (PARTITION BY e.slot COLLATE "C" ORDER BY e.id) AS place,
                   count(*) OVER (PARTITION BY e.slot COLLATE "C", e.epoch, e.transaction_id) > 1 AS together
            FROM (
                SELECT c.slot, c.id, c.created_at, c.epoch, c.transaction_id, c.birth, c.death, c.came_from, c.went_to,
                       c.old_tid, c.new_tid, c.operation, c.leaf, c.partition, c.era, c.shape
                FROM change AS c
                UNION ALL
                SELECT g.slot, t.id, t.created_at, NULL, NULL, false, true, NULL, NULL, NULL, NULL, 'T', t.leaf, t.partition, NULL, NULL
                FROM (SELECT c.slot, c.ends AS id FROM change AS c WHERE c.ends IS NOT NULL
                      UNION SELECT c.slot, c.ends_by_name FROM change AS c WHERE c.ends_by_name IS NOT NULL) AS g
                JOIN truncation AS t USING (id)
            ) AS e
        ), doubtful AS MATERIALIZED (
            SELECT p.slot, p.place, p.epoch, p.transaction_id, p.leaf, p.era, p.shape, p.old_tid, p.new_tid, p.operation,
                   (row_number() OVER ())::integer AS number
            FROM placed AS p WHERE p.together AND p.operation <> 'T'
        ), link AS (
            -- An address comes again in a transaction only after a TRUNCATE of its own, hence the nearest; or after an ALTER TABLE
            -- that rewrites the table, and changes its shape.
            SELECT DISTINCT ON (d.number) d.number, maker.number AS before
            FROM doubtful AS d JOIN doubtful AS maker USING (slot, epoch, transaction_id, leaf, era, shape)
            WHERE maker.new_tid = d.old_tid AND maker.number <> d.number
                -- Who snapshots a row leaves it where it is, so nothing can have followed it before.
                AND (maker.old_tid IS DISTINCT FROM maker.new_tid OR maker.place < d.place)
            ORDER BY d.number, maker.place > d.place, abs(maker.place - d.place)
        ), move AS (
            -- Who came to a partition is who left another one last.
            SELECT DISTINCT ON (n.before) n.number, n.before
            FROM (
                SELECT DISTINCT ON (c.number) c.number, c.place, d.number AS before, d.leaf <> c.leaf AS elsewhere
                FROM doubtful AS c JOIN doubtful AS d USING (slot, epoch, transaction_id)
                WHERE c.operation = 'I' AND d.operation = 'D' AND d.place < c.place
                ORDER BY c.number, d.place DESC
            ) AS n
            WHERE n.elsewhere ORDER BY n.before, n.place
        ), chained AS (
            SELECT d.slot, d.place, min(d.place) OVER (PARTITION BY c.head) AS head_place, c.depth,
                   d.number IN (SELECT m.before FROM move AS m) AS leaves, d.number IN (SELECT m.number FROM move AS m) AS enters
            FROM pgaudit_py.chains((
                SELECT array_agg(coalesce(l.before, m.before) ORDER BY d.number)
                FROM doubtful AS d LEFT JOIN link AS l USING (number) LEFT JOIN move AS m USING (number))) AS c
            JOIN doubtful AS d USING (number)
        )
        SELECT p.slot, p.id, p.created_at, p.transaction_id, p.birth AND c.enters IS NOT TRUE AS birth,
               p.death AND c.leaves IS NOT TRUE AS death, p.came_from, p.went_to, p.old_tid, p.new_tid, p.leaf, p.partition,
               coalesce(c.leaves, false) AS leaves, coalesce(c.enters, false) AS enters, p.operation = 'T' AS truncated
        FROM placed AS p LEFT JOIN chained AS c USING (slot, place)
        -- Snapshots at one address can be equally deep.
        ORDER BY p.slot COLLATE "C", coalesce(c.head_place, p.place), coalesce(c.depth, 0), p.id
    LOOP
        IF event.slot IS DISTINCT FROM slot THEN
            slot := event.slot;
            ordinal := 0;
            latest := 0;
            present := '{}';
            addresses := '{}';
            leaves := '{}';
            partitions := '{}';
            leaving := NULL;
        END IF;
        id := event.id;
        created_at := event.created_at;
        transaction_id := event.transaction_id;
        birth := event.birth;
        death := event.death;
        came_from := event.came_from;
        went_to := event.went_to;
        IF event.truncated THEN
            staying := ARRAY(
                SELECT coalesce(l.leaf, '') <> event.leaf AND (l.partition = event.partition) IS NOT TRUE
                FROM unnest(present, leaves, partitions) WITH ORDINALITY AS l(stay, leaf, partition, place) ORDER BY l.place);
            remaining := cardinality(array_remove(staying, false));
            FOR i IN 1 .. cardinality(present) LOOP
                IF NOT staying[i] THEN
                    stay := present[i];
                    ordinal := ordinal + 1;
                    RETURN NEXT;
                END IF;
            END LOOP;
            SELECT coalesce(array_agg(s.stay ORDER BY s.place), '{}'), coalesce(array_agg(s.address ORDER BY s.place), '{}'),
                   array_agg(s.leaf ORDER BY s.place), array_agg(s.partition ORDER BY s.place)
            INTO present, addresses, leaves, partitions
            FROM unnest(present, addresses, leaves, partitions, staying) WITH ORDINALITY AS s(stay, address, leaf, partition, stays, place)
            WHERE s.stays;
            CONTINUE;
        END IF;
        i := 1;
        IF birth OR present = '{}' THEN
            latest := latest + 1;
            i := cardinality(present) + 1;
            present[i] := latest;
        ELSIF event.enters AND leaving IS NOT NULL THEN
            i := leaving;
        ELSIF cardinality(present) > 1 THEN
            i := coalesce((
                SELECT max(a.place) FROM unnest(addresses, leaves) WITH ORDINALITY AS a(address, leaf, place)
                WHERE a.address = event.old_tid AND coalesce(a.leaf, '') = event.leaf), 1);
        END IF;
        addresses[i] := coalesce(event.new_tid, addresses[i]);
        IF event.leaf <> '' THEN
            leaves[i] := event.leaf;
            partitions[i] := event.partition;
            leaving := CASE WHEN event.leaves THEN i END;
        END IF;
        stay := present[i];
        IF death THEN
            present := present[:i - 1] || present[i + 1:];
            addresses := addresses[:i - 1] || addresses[i + 1:];
            IF event.leaf <> '' THEN
                leaves := leaves[:i - 1] || leaves[i + 1:];
                partitions := partitions[:i - 1] || partitions[i + 1:];
            END IF;
        END IF;
        ordinal := ordinal + 1;
        remaining := cardinality(present);
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION pgaudit_py.subject_expression(key text[], source text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT format(CASE count(*) WHEN 1 THEN '%s' ELSE 'jsonb_build_array(%s)::text' END,
        string_agg(format('format(''%%s'', %s.%I)', source, k.name), ', ' ORDER BY k.position))
    FROM unnest(key) WITH ORDINALITY AS k(name, position)
$$;

CREATE FUNCTION pgaudit_py.subject_id(subject_type text, key text[]) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    shape record;
    types text[];
    part text;
    parts text[] := key;
    subject text;
BEGIN
    SELECT t.oid, pgaudit_py.key_of(t.oid) AS names, t.columns INTO shape
    FROM pgaudit_py.inspect_table(pgaudit_py.live_table(subject_type)) AS t;
    IF FOUND THEN
        IF shape.names = '{}' THEN
            RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
                USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
        ELSIF cardinality(shape.names) <> cardinality(key) THEN
            RAISE EXCEPTION 'the key of % has % columns (%), not %', quote_ident(subject_type),
                cardinality(shape.names), array_to_string(shape.names, ', '), cardinality(key)
                USING ERRCODE = 'PGA11', HINT = 'Give one value for each column of the key, in its order.';
        END IF;
        SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY n.position) INTO types
        FROM unnest(shape.names) WITH ORDINALITY AS n(name, position)
        JOIN pg_attribute AS a ON a.attrelid = shape.oid AND a.attname = n.name AND NOT a.attisdropped;
        FOR i IN 1 .. cardinality(key) LOOP
            BEGIN
                EXECUTE format('SELECT format(''%%s'', %L::%s)', key[i], types[i]) INTO part;
                parts[i] := part;
            EXCEPTION WHEN data_exception THEN
                RAISE EXCEPTION '% is no value of %, of type %', quote_literal(left(key[i], 100)), shape.names[i], types[i]
                    USING ERRCODE = 'PGA11', HINT = 'Check the key.';
            END;
        END LOOP;
    END IF;
    subject := CASE cardinality(parts) WHEN 1 THEN parts[1] ELSE to_jsonb(parts)::text END;
    IF EXISTS (SELECT FROM jsonb_array_elements(shape.columns) AS c
               WHERE c ->> 'name' = ANY (shape.names) AND NOT (c ->> 'plain_equality')::boolean)
            AND has_table_privilege(shape.oid, 'SELECT') THEN
        subject := coalesce(pgaudit_py.live_subject(shape.oid, shape.names, subject), subject);
    END IF;
    RETURN subject;
END
$$;

CREATE FUNCTION pgaudit_py.subject_lives(subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH lived AS MATERIALIZED (SELECT * FROM pgaudit_py.lives(subject_lives.subject_type, subject_lives.subject_id))
    SELECT (dense_rank() OVER (ORDER BY v.life))::integer, v.ordinal, v.id, v.created_at
    FROM lived AS v WHERE v.here OR NOT EXISTS (SELECT FROM lived AS other WHERE other.here)
$$;

CREATE FUNCTION pgaudit_py.subject_of(columns jsonb, key bigint[], source record) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    part text;
    parts text[];
BEGIN
    SELECT array_agg(format('format(''%%s'', ($1).%I)', c.name) ORDER BY array_position(key, (c.description ->> 'attnum')::bigint))
    INTO parts
    FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::bigint = ANY (key);
    IF key = '{}' OR cardinality(parts) IS DISTINCT FROM cardinality(key) THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT ' || CASE cardinality(parts)
        WHEN 1 THEN parts[1] ELSE format('jsonb_build_array(%s)::text', array_to_string(parts, ', ')) END
        INTO STRICT part USING source;
    RETURN part;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$_$;

CREATE FUNCTION pgaudit_py.table_columns(relation oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        -- The snapshot may be older than an ALTER TABLE that this transaction is subject to all the same.
        RETURN pgaudit_py.present_columns(relation);
    END IF;
    RETURN pgaudit_py.catalog_columns(relation);
END
$$;

CREATE FUNCTION pgaudit_py.table_differences(before jsonb, after jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT nullif(
        pgaudit_py.column_differences(before -> 'columns', after -> 'columns')
        || CASE WHEN pgaudit_py.shape_key(before) = pgaudit_py.shape_key(after) THEN '{}'
                ELSE jsonb_build_object('key', jsonb_build_array(before -> 'key', after -> 'key')) END
        || CASE WHEN before -> 'table' = after -> 'table' THEN '{}'
                ELSE jsonb_build_object('table', jsonb_build_array(before -> 'table', after -> 'table')) END
        || coalesce((
            SELECT jsonb_build_object('triggers', jsonb_object_agg(
                t.name, jsonb_build_array(coalesce(before -> 'triggers' -> t.name, '"always"'), coalesce(after -> 'triggers' -> t.name, '"always"'))))
            FROM (SELECT jsonb_object_keys(coalesce(before -> 'triggers', '{}') || coalesce(after -> 'triggers', '{}'))) AS t(name)
            WHERE coalesce(before -> 'triggers' -> t.name, '"always"') <> coalesce(after -> 'triggers' -> t.name, '"always"')
            HAVING count(*) > 0), '{}'),
        '{}')
$$;

CREATE FUNCTION pgaudit_py.table_lives(subject_type text, OUT life bigint, OUT ordinal bigint, OUT id bigint, OUT created_at timestamp with time zone, OUT ended boolean) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
    WITH event AS MATERIALIZED (
        SELECT s.*, first_value(s.id) OVER (PARTITION BY s.slot COLLATE "C", s.stay ORDER BY s.ordinal) AS first_id
        FROM pgaudit_py.stays(table_lives.subject_type) AS s
    ), move AS MATERIALIZED (
        -- The stays of records that changed their key: which activity each came by and left by.
        SELECT e.slot, e.stay, e.first_id, min(e.id) FILTER (WHERE e.came_from IS NOT NULL) AS arrival,
               min(e.id) FILTER (WHERE e.went_to IS NOT NULL) AS departure, (row_number() OVER ())::integer AS number
        FROM event AS e
        GROUP BY e.slot, e.stay, e.first_id HAVING count(e.came_from) + count(e.went_to) > 0
    ), chained AS (
        SELECT m.slot, m.stay, head.first_id AS life, c.depth
        FROM pgaudit_py.chains((
            SELECT array_agg(before.number ORDER BY m.number)
            FROM move AS m LEFT JOIN move AS before ON before.departure = m.arrival)) AS c
        JOIN move AS m USING (number)
        JOIN move AS head ON head.number = c.head
    )
    SELECT w.life, row_number() OVER part, w.id, w.created_at, last_value(w.death) OVER whole
    FROM (
        SELECT e.*, coalesce(c.life, e.first_id) AS life, coalesce(c.depth, 0) AS depth
        FROM event AS e LEFT JOIN chained AS c USING (slot, stay)
    ) AS w
    WHERE w.went_to IS NULL  -- a move is told by the slot that it led to
    WINDOW part AS (PARTITION BY w.life ORDER BY w.depth, w.ordinal),
           whole AS (PARTITION BY w.life ORDER BY w.depth, w.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
$$;

CREATE FUNCTION pgaudit_py.told_state(tracked_id integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT coalesce(l.state, '{"triggers": {}}') || CASE WHEN l.shape_id = s.id THEN '{}' ELSE jsonb_build_object(
        'columns', pgaudit_py.essential_columns(s.columns), 'key', s.key, 'table', format('%I.%I', k.schema_name, k.table_name)) END
    FROM pgaudit_py.tracked_table AS k
    JOIN LATERAL (
        SELECT n.* FROM pgaudit_py.table_shape AS n WHERE n.tracked_table_id = k.id ORDER BY n.id DESC LIMIT 1) AS s ON true
    LEFT JOIN LATERAL (
        SELECT a.shape_id, a.metadata -> '_after' AS state
        FROM pgaudit_py.activity_log AS a
        WHERE a.action = 'altered' AND a.operation IS NULL AND a.subject_type = k.subject_type AND a.shape_id IS NOT NULL
        ORDER BY a.id DESC LIMIT 1) AS l ON true
    WHERE k.id = tracked_id
$$;

CREATE FUNCTION pgaudit_py.tracked_among(relations oid[]) RETURNS TABLE(tracked_id integer, relation oid)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
BEGIN
    RETURN QUERY
    WITH candidate AS MATERIALIZED (  -- first: to ask own_table() of every tracked table would take long
        SELECT s.tracked_table_id AS id, s.relation AS oid FROM pgaudit_py.table_shape AS s WHERE s.relation = ANY (relations)
        UNION
        SELECT substring(p.proname FROM '^capture_([0-9]{1,9})(_truncate)?$')::integer, t.tgrelid
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid AND p.pronamespace = 'pgaudit_py'::regnamespace
        WHERE t.tgrelid = ANY (relations)
    )
    SELECT k.id, c.oid
    FROM candidate AS c
    JOIN pgaudit_py.tracked_table AS k ON k.id = c.id AND k.removed_at IS NULL
        AND (k.installing = pg_current_xact_id_if_assigned()::text::bigint) IS NOT TRUE
    WHERE pgaudit_py.own_table(c.id) = c.oid;
END
$_$;

CREATE FUNCTION pgaudit_py.tracked_as(name text, relation oid, OUT id integer, OUT subject_type text, OUT live bigint) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT k.id, k.subject_type, pgaudit_py.live_table(k.subject_type)::bigint
    FROM pgaudit_py.tracked_table AS k
    WHERE k.removed_at IS NULL
        AND (k.subject_type = tracked_as.name OR pgaudit_py.live_table(k.subject_type) = tracked_as.relation)
    ORDER BY k.subject_type = tracked_as.name DESC
    LIMIT 1
$$;

CREATE FUNCTION pgaudit_py.trigger_state(tracked_id integer, relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    WITH attached AS MATERIALIZED (
        SELECT a.* FROM pgaudit_py.attached_triggers(tracked_id) AS a
    ), expected AS (
        SELECT p.oid, t.for_rows, t.name, t.name || CASE WHEN p.oid = relation THEN '' ELSE ' on ' || p.oid::regclass END AS said
        FROM (
            SELECT relation
            UNION ALL
            SELECT l.oid::oid FROM jsonb_object_keys(pgaudit_py.leaves_of(relation)) AS l(oid)
            JOIN pgaudit_py.tracked_table AS k ON k.id = tracked_id AND k.partitions ? l.oid) AS p(oid)
        CROSS JOIN (VALUES (true, '00_pgaudit_py'), (false, '00_pgaudit_py_truncate')) AS t(for_rows, name)
    ), found AS (
        SELECT e.said, f.state
        FROM expected AS e
        LEFT JOIN LATERAL (
            SELECT concat_ws(', ',
                CASE a.enabled WHEN 'A' THEN 'always' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replication only' ELSE 'not in replication' END,
                CASE WHEN a.trigger_name <> e.name THEN 'as ' || a.trigger_name END,
                CASE WHEN NOT a.as_made THEN 'made otherwise' END) AS state
            FROM attached AS a WHERE a.oid = e.oid AND a.for_rows = e.for_rows
            ORDER BY a.enabled = 'A' DESC, a.trigger_name = e.name DESC, a.trigger_name
            LIMIT 1) AS f ON true
    )
    SELECT coalesce(jsonb_object_agg(f.said, f.state), '{}') FROM found AS f WHERE f.state IS DISTINCT FROM 'always'
$$;

CREATE FUNCTION pgaudit_py.unbind_restore(before jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT set_config('pgaudit_py.' || s.name, coalesce(s.value, ''), true) FROM jsonb_each_text(before) AS s(name, value)
$$;

CREATE FUNCTION pgaudit_py.unreserved(metadata jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT jsonb_object_agg(named.name || repeat('_', named.namesakes), named.value)
    FROM (SELECT stripped.name, entry.value, row_number() OVER (
              PARTITION BY stripped.name ORDER BY entry.key <> stripped.name, entry.key
          )::int - 1 AS namesakes
          FROM jsonb_each(metadata) AS entry
          CROSS JOIN coalesce(nullif(ltrim(entry.key, '_'), ''), 'unnamed') AS stripped(name)
    ) AS named
$$;

CREATE FUNCTION pgaudit_py.unwatched_partitions(tracked_id integer, relation oid) RETURNS TABLE(oid oid, for_rows boolean)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT t.relid, NOT coalesce(bool_or(a.for_rows), false)
    FROM pg_partition_tree(relation) AS t
    JOIN pg_class AS c ON c.oid = t.relid
    LEFT JOIN pgaudit_py.attached_triggers(tracked_id) AS a ON a.oid = t.relid AND a.enabled = 'A' AND a.as_made
    WHERE t.level > 0
    GROUP BY t.relid, c.relkind
    HAVING NOT coalesce(bool_or(a.for_rows), false)
        OR NOT coalesce(bool_or(NOT a.for_rows), false)
            -- Foreign tables have triggers for TRUNCATE since PostgreSQL 16.
            AND (c.relkind <> 'f' OR current_setting('server_version_num')::integer >= 160000)
$$;

CREATE FUNCTION pgaudit_py.value_expression(encoding text, value text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
    SELECT CASE encoding
        WHEN 'float' THEN format(
            $$CASE WHEN %1$s = 0 AND format('%%s', %1$s) = '-0' THEN '"-0"'::jsonb ELSE to_jsonb(%1$s) END$$, value)
        WHEN 'text' THEN format($$to_jsonb(CASE WHEN num_nulls(%1$s) = 0 THEN format('%%s', %1$s) END)$$, value)
        WHEN 'jsonb' THEN format('(%s)::jsonb', value)
        ELSE format('to_jsonb(%s)', value)
    END
$_$;

CREATE FUNCTION pgaudit_py.value_limit(shape jsonb) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT coalesce((shape -> 'value_limit')::bigint, 8388608)
$$;

CREATE FUNCTION pgaudit_py.verify_keyed(subject_type text, relation oid) RETURNS TABLE(problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
    WITH lived AS MATERIALIZED (
        SELECT v.life, v.ordinal, v.ended, l.id, l.operation, l.subject_id, l.previous_subject_id, l.changes,
               l.snapshot, l.omitted, l.shape_id, l.metadata -> '_drift' AS drift
        FROM pgaudit_py.table_lives(verify_keyed.subject_type) AS v
        JOIN pgaudit_py.activity_log AS l ON l.id = v.id
    ), fact AS (
        SELECT v.life, v.ordinal, v.ended, v.id, v.subject_id, v.operation, f.*
        FROM lived AS v
        LEFT JOIN pgaudit_py.table_shape AS shape ON shape.id = v.shape_id
        CROSS JOIN LATERAL pgaudit_py.facts(
            v.operation, v.changes, v.snapshot, v.omitted, coalesce(shape.columns, v.drift, '{}')) AS f
    ), pair AS (
        SELECT f.*, lag(f.value) OVER line AS was, lag(f.told) OVER line AS was_told, lag(f.type) OVER line AS was_type,
               lag(f.ordinal) OVER line = f.ordinal AS same_activity, row_number() OVER (
                   PARTITION BY f.life, f.field_id ORDER BY f.ordinal DESC, f.after DESC) = 1 AS is_last
        FROM fact AS f WINDOW line AS (PARTITION BY f.life, f.field_id ORDER BY f.ordinal, f.after)
    ), live AS MATERIALIZED (
        SELECT r.subject_id, r.state FROM pgaudit_py.live_rows(relation) AS r
    ), live_column AS (
        SELECT e.name, pgaudit_py.field_id(e.description) AS field_id, e.description ->> 'type' AS type
        FROM jsonb_each(pgaudit_py.watched_columns(relation)) AS e(name, description)
        WHERE NOT e.description ?| '{excluded,redacted}'
    ), final AS (
        SELECT DISTINCT ON (v.life) v.life, v.id, v.subject_id, v.operation, v.ended
        FROM lived AS v WHERE v.subject_id IS NOT NULL ORDER BY v.life, v.ordinal DESC
    )
    SELECT 'the value before is not the one the log had', p.subject_id, p.id, p.name, p.was, p.value
    FROM pair AS p
    WHERE p.was_told AND p.told AND NOT p.same_activity AND p.was_type = p.type
        AND p.operation <> 'I'  -- it came from another partition, changed
        AND p.was::text IS DISTINCT FROM p.value::text
    UNION ALL
    SELECT 'the table holds another value', f.subject_id, f.id, c.name, p.value, live.state -> c.name
    FROM final AS f
    JOIN live ON live.subject_id = f.subject_id
    JOIN pair AS p ON p.life = f.life AND p.is_last AND p.after AND p.told
    JOIN live_column AS c ON c.field_id = p.field_id AND c.type = p.type
    WHERE NOT f.ended AND p.value::text IS DISTINCT FROM (live.state -> c.name)::text
    UNION ALL
    SELECT 'the row is missing', f.subject_id, f.id, NULL, NULL, NULL
    FROM final AS f WHERE NOT f.ended AND NOT EXISTS (SELECT FROM live WHERE live.subject_id = f.subject_id)
    UNION ALL
    SELECT 'the log says that the row is gone', f.subject_id, f.id, NULL, NULL, NULL
    FROM final AS f JOIN live ON live.subject_id = f.subject_id
    WHERE f.ended AND NOT EXISTS (SELECT FROM final AS o WHERE o.subject_id = f.subject_id AND NOT o.ended)
    UNION ALL
    SELECT 'two records bear one key', f.subject_id, max(f.id), NULL, NULL, NULL
    FROM final AS f WHERE NOT f.ended GROUP BY f.subject_id HAVING count(*) > 1
    UNION ALL
    SELECT 'the activity belongs to no record''s life', l.subject_id, l.id, NULL, NULL, NULL
    FROM pgaudit_py.activity_log AS l
    WHERE l.subject_type = verify_keyed.subject_type AND l.operation IN ('I', 'U', 'D', 'S')
        AND l.subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM lived AS v WHERE v.id = l.id)
$$;

CREATE FUNCTION pgaudit_py.verify_keyless(subject_type text, relation oid) RETURNS TABLE(problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
    WITH activity AS MATERIALIZED (
        SELECT l.id, l.operation, l.changes, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = verify_keyless.subject_type AND l.operation IN ('I', 'U', 'D')
            AND l.subject_id IS NULL  -- what was recorded under a key that is gone tells changes, not rows
            AND l.id > coalesce((SELECT max(t.id) FROM pgaudit_py.activity_log AS t
                                 WHERE t.subject_type = verify_keyless.subject_type AND t.operation = 'T'
                                     AND (t.metadata -> '_leaf' IS NOT DISTINCT FROM l.metadata -> '_leaf'
                                          OR (t.metadata -> '_partition' = l.metadata -> '_partition' AND NOT t.metadata ? '_departed'))), 0)
    ), shape AS (
        SELECT DISTINCT a.columns FROM activity AS a UNION SELECT pgaudit_py.watched_columns(relation)
    ), shared AS (
        SELECT pgaudit_py.field_id(e.description) AS number, e.description ->> 'type' AS type
        FROM shape AS s CROSS JOIN LATERAL jsonb_each(s.columns) AS e(name, description)
        WHERE NOT e.description ?| '{excluded,redacted}' AND pgaudit_py.field_id(e.description) NOT IN (
            SELECT pgaudit_py.field_id(a.columns -> o.key) FROM activity AS a CROSS JOIN LATERAL jsonb_each(a.omitted) AS o
            WHERE o.value ->> 'why' <> 'redacted')
        GROUP BY 1, 2 HAVING count(*) = (SELECT count(*) FROM shape)
    ), row_count AS (
        SELECT a.columns, a.snapshot AS state, CASE a.operation WHEN 'D' THEN -1 ELSE 1 END AS number, 0 AS live, a.id
        FROM activity AS a
        UNION ALL
        SELECT a.columns, pgaudit_py.apply_changes(a.snapshot, pgaudit_py.invert_changes(a.changes)), -1, 0, a.id
        FROM activity AS a WHERE a.operation = 'U'
        UNION ALL
        SELECT pgaudit_py.watched_columns(relation), r.state, 0, 1, NULL FROM pgaudit_py.live_rows(relation) AS r
    ), common AS (
        SELECT r.number, r.live, r.id, (
            SELECT coalesce(jsonb_object_agg(s.number, r.state -> e.name), '{}')
            FROM jsonb_each(r.columns) AS e(name, description) JOIN shared AS s ON s.number = pgaudit_py.field_id(e.description)
        ) AS state FROM row_count AS r
    )
    SELECT 'the table holds fewer such rows than the log says', NULL, max(c.id), NULL,
           jsonb_build_object('count', sum(c.number), 'row', (array_agg(c.state))[1]), to_jsonb(sum(c.live))
    FROM common AS c GROUP BY c.state::text HAVING sum(c.number) > sum(c.live)
$$;

CREATE FUNCTION pgaudit_py.verify_table(subject_type text) RETURNS TABLE(problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    key text[] := pgaudit_py.key_of(relation);
BEGIN
    IF key IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF key <> '{}' THEN
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyed(subject_type, relation);
    ELSE
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyless(subject_type, relation);
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.version(activity_id bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.state FROM pgaudit_py.version_at(activity_id) AS v
$$;

CREATE FUNCTION pgaudit_py.version_at(activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    found_activity record;
    life record;
    rebuilt record;
BEGIN
    SELECT l.operation, l.subject_id, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
    INTO found_activity FROM pgaudit_py.activity_log AS l
    WHERE l.id = activity_id AND l.operation IN ('I', 'U', 'D', 'S');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no version %', activity_id
            USING ERRCODE = 'PGA05', HINT = 'List a record''s versions: pgaudit-py versions TABLE KEY.';
    END IF;
    columns := found_activity.columns;
    IF found_activity.snapshot IS NOT NULL AND found_activity.omitted IS NULL THEN
        state := found_activity.snapshot;
        RETURN;
    END IF;
    IF found_activity.subject_id IS NULL THEN
        RAISE EXCEPTION 'version % is one of a table without a key and was not stored', activity_id
            USING ERRCODE = 'PGA04', HINT = 'Give the table a primary key and install auditing again.';
    END IF;
    SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
           max(l.ordinal) FILTER (WHERE l.id = activity_id) AS position
    INTO life FROM pgaudit_py.life(activity_id) AS l;
    rebuilt := pgaudit_py.state_at(
        life.ids, life.times, life.position - CASE found_activity.operation WHEN 'D' THEN 1 ELSE 0 END);
    state := rebuilt.state;
    unknown := rebuilt.unknown;
END
$$;

CREATE FUNCTION pgaudit_py.watch_ddl() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET lock_timeout TO '300ms'
    AS $$
DECLARE
    touched record;
BEGIN
    IF TG_EVENT = 'sql_drop' THEN
        IF NOT EXISTS (
            SELECT FROM pg_event_trigger_dropped_objects() AS d
            WHERE NOT d.is_temporary AND (d.object_type IN ('table', 'table column', 'trigger') OR (d.object_type = 'index' AND TG_TAG = 'DROP INDEX')))
        THEN
            RETURN;
        END IF;
    ELSIF TG_TAG IN ('ALTER INDEX', 'ALTER TABLE', 'ALTER TRIGGER', 'CREATE SCHEMA', 'CREATE TABLE') THEN
        IF NOT EXISTS (
            SELECT FROM pg_event_trigger_ddl_commands() AS d
            LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
            WHERE d.classid = 'pg_trigger'::regclass
                OR (c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND (TG_TAG NOT LIKE 'CREATE %' OR c.relispartition)))
        THEN
            RETURN;
        END IF;
    ELSIF TG_TAG NOT IN ('ALTER DOMAIN', 'ALTER EXTENSION', 'ALTER SCHEMA', 'ALTER TYPE') THEN
        RETURN;
    END IF;
    BEGIN
        IF TG_EVENT = 'sql_drop' THEN
            FOR touched IN SELECT DISTINCT b.tracked_id, b.relation FROM pgaudit_py.bereft_tables(TG_TAG) AS b LOOP
                PERFORM pgaudit_py.watch_table(touched.tracked_id, touched.relation, TG_TAG);
            END LOOP;
        ELSE
            FOR touched IN SELECT DISTINCT a.tracked_id, a.relation FROM pgaudit_py.altered_tables(TG_TAG) AS a LOOP
                PERFORM pgaudit_py.watch_table(touched.tracked_id, touched.relation, TG_TAG);
            END LOOP;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pgaudit-py: what % changed is not recorded: %', TG_TAG, SQLERRM;
    END;
END
$$;

CREATE FUNCTION pgaudit_py.watch_table(tracked_id integer, relation oid, tag text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    BEGIN
        PERFORM pgaudit_py.record_alteration(tracked_id, relation, true);
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pgaudit-py: what % changed is not recorded: %', tag, SQLERRM;
    END;
    IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = watch_table.relation AND c.relkind = 'p') THEN
        BEGIN
            PERFORM pgaudit_py.follow_partitions(tracked_id, relation);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'pgaudit-py: run `pgaudit-py sync` after this %: %', tag, SQLERRM;
        END;
    END IF;
END
$$;

CREATE FUNCTION pgaudit_py.watched_columns(relation oid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.shape_columns(relation, (SELECT to_jsonb(s) FROM pgaudit_py.newest_shape(relation) AS s))
$$;

CREATE FUNCTION pgaudit_py.why_unread(name text, description jsonb, source record, state text, message text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    digest jsonb;
BEGIN
    -- program_limit_exceeded. Of a value of which parts are redacted nothing is told.
    IF state = '54000' AND NOT description ? 'paths' THEN
        EXECUTE format('SELECT pgaudit_py.digest_of(format(''%%s'', ($1).%I))', name) INTO STRICT digest USING source;
        RETURN '{"why": "size"}' || digest;
    END IF;
    RETURN jsonb_build_object('why', 'error', 'detail', left(message, 512));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('why', 'error', 'detail', left(message, 512));
END
$_$;

CREATE FUNCTION pgaudit_py.within_limit(columns jsonb, state jsonb, value_limit bigint, OUT kept jsonb, OUT omitted jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF (pg_column_size(state) > value_limit) IS NOT TRUE THEN
        kept := state;
        RETURN;
    END IF;
    SELECT coalesce(jsonb_object_agg(f.name, f.value) FILTER (WHERE NOT f.large), '{}'),
           jsonb_object_agg(f.name, '{"why": "size"}' || pgaudit_py.digest_of(
               CASE WHEN columns -> f.name ->> 'encoding' = 'jsonb' THEN f.value::text ELSE f.value #>> '{}' END)) FILTER (WHERE f.large)
    INTO kept, omitted
    -- 12 bytes are what a jsonb has besides its text.
    FROM (SELECT e.key AS name, e.value, pg_column_size(e.value) - 12 > value_limit AS large FROM jsonb_each(state) AS e) AS f;
END
$$;

CREATE FUNCTION pgaudit_py.without_path(value jsonb, path text[], level integer DEFAULT 0) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT CASE
        WHEN jsonb_typeof(value) = 'array' AND level >= 100 THEN 'null'
        WHEN jsonb_typeof(value) = 'array' THEN (
            -- What needs no call of this function is done at once: there may be thousands.
            SELECT coalesce(jsonb_agg(CASE
                WHEN jsonb_typeof(e.value) = 'object' AND cardinality(path) = 1 THEN e.value - path[1]
                WHEN jsonb_typeof(e.value) = 'array' OR (jsonb_typeof(e.value) = 'object' AND e.value ? path[1])
                THEN pgaudit_py.without_path(e.value, path, level + 1)
                ELSE e.value END ORDER BY e.ordinality), '[]')
            FROM jsonb_array_elements(value) WITH ORDINALITY AS e)
        WHEN jsonb_typeof(value) = 'object' AND value ? path[1] THEN CASE
            WHEN cardinality(path) = 1 THEN value - path[1]
            ELSE value || jsonb_build_object(path[1], pgaudit_py.without_path(value -> path[1], path[2:], level)) END
        ELSE value END
$$;

CREATE FUNCTION pgaudit_py.without_paths(value text, paths jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    path jsonb;
BEGIN
    FOR path IN SELECT p.path FROM jsonb_array_elements(paths) AS p(path) LOOP
        value := format('pgaudit_py.without_path(%s, %L::text[])', value, ARRAY(SELECT jsonb_array_elements_text(path)));
    END LOOP;
    RETURN value;
END
$$;

CREATE FUNCTION pgaudit_py.write_activity(operation "char", subject_type text, subject_id text, previous_subject_id text, old_tid tid, new_tid tid, changes jsonb, snapshot jsonb, omitted jsonb, shape_id integer, marks jsonb, action text DEFAULT NULL::text) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    who record;
    activity_id bigint;
BEGIN
    who := pgaudit_py.context();
    INSERT INTO pgaudit_py.activity_log (
        operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid,
        causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id
    ) VALUES (
        operation,
        coalesce(action, who.action, CASE operation
            WHEN 'U' THEN 'updated' WHEN 'I' THEN 'created' WHEN 'D' THEN 'deleted' WHEN 'T' THEN 'truncated'
            ELSE 'snapshot' END),
        subject_type, subject_id, previous_subject_id, old_tid, new_tid,
        who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
        CASE WHEN marks IS NULL THEN who.metadata ELSE coalesce(who.metadata, '{}') || marks END,
        changes, snapshot, omitted, shape_id
    ) RETURNING id INTO activity_id;
    RETURN activity_id;
END
$$;

CREATE TABLE pgaudit_py.activity_log_default (
    id bigint CONSTRAINT activity_log_id_not_null NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT activity_log_created_at_not_null NOT NULL,
    transaction_id bigint DEFAULT ((pg_current_xact_id())::text)::bigint CONSTRAINT activity_log_transaction_id_not_null NOT NULL,
    epoch smallint DEFAULT 1 CONSTRAINT activity_log_epoch_not_null NOT NULL,
    operation "char",
    action text CONSTRAINT activity_log_action_not_null NOT NULL,
    subject_type text,
    subject_id text,
    previous_subject_id text,
    old_tid tid,
    new_tid tid,
    causer_type text,
    causer_id text,
    db_role text DEFAULT SESSION_USER CONSTRAINT activity_log_db_role_not_null NOT NULL,
    set_role text DEFAULT NULLIF(current_setting('role'::text), 'none'::text),
    ip inet,
    user_agent text,
    request_id text,
    metadata jsonb,
    changes jsonb,
    snapshot jsonb,
    omitted jsonb,
    shape_id integer,
    erased_at timestamp with time zone
);

ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgaudit_py.activity_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE pgaudit_py.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    breaking boolean DEFAULT false NOT NULL,
    library_version text NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    proof text
);

CREATE TABLE pgaudit_py.tracked_table (
    id integer NOT NULL,
    subject_type text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    installed_by text DEFAULT SESSION_USER NOT NULL,
    removed_at timestamp with time zone,
    baseline jsonb,
    partitions jsonb,
    partitions_at timestamp with time zone,
    installing bigint
);

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_default DEFAULT;

ALTER TABLE ONLY pgaudit_py.activity_log
    ADD CONSTRAINT activity_log_pkey PRIMARY KEY (id, created_at);

ALTER TABLE ONLY pgaudit_py.activity_log_default
    ADD CONSTRAINT activity_log_default_pkey PRIMARY KEY (id, created_at);

ALTER TABLE ONLY pgaudit_py.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY pgaudit_py.table_shape
    ADD CONSTRAINT table_shape_pkey PRIMARY KEY (id);

ALTER TABLE ONLY pgaudit_py.tracked_table
    ADD CONSTRAINT tracked_table_pkey PRIMARY KEY (id);

CREATE INDEX activity_log_action ON ONLY pgaudit_py.activity_log USING btree (action, created_at);

CREATE INDEX activity_log_causer ON ONLY pgaudit_py.activity_log USING btree (causer_id, id);

CREATE INDEX activity_log_created_at ON ONLY pgaudit_py.activity_log USING btree (created_at);

CREATE INDEX activity_log_previous ON ONLY pgaudit_py.activity_log USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);

CREATE INDEX activity_log_subject ON ONLY pgaudit_py.activity_log USING btree (subject_type, subject_id, id);

CREATE INDEX activity_log_transaction ON ONLY pgaudit_py.activity_log USING btree (transaction_id);

CREATE INDEX activity_log_default_action_created_at_idx ON pgaudit_py.activity_log_default USING btree (action, created_at);

CREATE INDEX activity_log_default_causer_id_id_idx ON pgaudit_py.activity_log_default USING btree (causer_id, id);

CREATE INDEX activity_log_default_created_at_idx ON pgaudit_py.activity_log_default USING btree (created_at);

CREATE INDEX activity_log_default_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_default USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);

CREATE INDEX activity_log_default_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_default USING btree (subject_type, subject_id, id);

CREATE INDEX activity_log_default_transaction_id_idx ON pgaudit_py.activity_log_default USING btree (transaction_id);

CREATE INDEX table_shape_relation ON pgaudit_py.table_shape USING btree (relation);

CREATE INDEX table_shape_tracked_table ON pgaudit_py.table_shape USING btree (tracked_table_id, id);

CREATE UNIQUE INDEX tracked_table_subject_type ON pgaudit_py.tracked_table USING btree (subject_type) WHERE (removed_at IS NULL);

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_default_action_created_at_idx;

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_default_causer_id_id_idx;

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_default_created_at_idx;

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_default_pkey;

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_default_subject_type_previous_subject_id_id_idx;

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_default_subject_type_subject_id_id_idx;

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_default_transaction_id_idx;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log ENABLE ALWAYS TRIGGER append_only;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_default FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_default ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE ONLY pgaudit_py.table_shape
    ADD CONSTRAINT table_shape_tracked_table_id_fkey FOREIGN KEY (tracked_table_id) REFERENCES pgaudit_py.tracked_table(id);

REVOKE ALL ON FUNCTION pgaudit_py.activity(subject_type text, subject_id text, causer_type text, causer_id text, action text, field text, transaction_id bigint, request_id text, since timestamp with time zone, until timestamp with time zone, metadata jsonb, before bigint, max_rows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.advance_sequences(relation oid, state jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.alteration(tracked_id integer, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.altered_tables(tag text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.apply_changes(state jsonb, changes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.at_path(value jsonb, path text[], level integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.attached_triggers(tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.base_type(type oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.baseline_batch(subject_type text, batch_rows integer, again boolean, OUT outcome text, OUT rows bigint, OUT read bigint, OUT total bigint, OUT passed bigint, OUT done boolean, OUT estimated bigint, OUT seconds double precision) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.baseline_position(subject_type text, relation oid, key text[], again boolean, OUT id integer, OUT reached jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.baseline_rows(relation oid, subject_type text, leaves oid[], addresses tid[], every boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.baseline_some(relation oid, subject_type text, leaves oid[], addresses tid[], every boolean, OUT rows bigint, OUT read integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.begin_epoch() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.begin_install(tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.bereft_tables(tag text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.bind_restore(marks jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.broken_laws() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.can_read_rows(relation oid, key bigint[], columns jsonb, leaf oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.capture_slowly(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, key smallint[], shape_id integer, fingerprint text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.capture_truncated(relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.catalog_columns(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.chains(before integer[], OUT number integer, OUT head integer, OUT depth integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.check_baseline(subject_type text, relation oid, key text[], batch_rows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.check_event(action text, subject_type text, subject_id text, metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.check_grant(role text, as_what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.clear_actor() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.cluster() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.column_differences(before jsonb, after jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.columns_at(subject_type text, at timestamp with time zone, OUT columns jsonb, OUT since timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.context(OUT action text, OUT causer_type text, OUT causer_id text, OUT ip inet, OUT user_agent text, OUT request_id text, OUT metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.current_key(activity_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.decode_row(INOUT row_type anyelement, state jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.departed(tracked_id integer, relation oid, by_log boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.diff_incomplete(columns jsonb, old_state jsonb, old_omitted jsonb, new_state jsonb, new_omitted jsonb, OUT changes jsonb, OUT omitted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.diff_states(old_state jsonb, new_state jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.digest_of(value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_caller() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_columns() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_functions() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_guards() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_ids() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_indexes() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_log() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_partitions() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_refusals() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_rights() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_settings() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_tables() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.doctor_transactions(longest interval) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.edited_functions() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.encoding_of(type oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.end_install(tracked_id integer, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.ensure_partitions(months integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.essential_columns(columns jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.expression_stands(relation oid, number smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.facts(operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb, OUT field_id text, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.field_id(description jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.find_relation(name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.fingerprint(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.follow(after_transaction bigint, after_id bigint, subject_type text, subject_id text, causer_type text, causer_id text, action text, field text, request_id text, metadata jsonb, max_rows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.follow_partitions(tracked_id integer, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.function_proof(function_oid oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.function_roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.grant_to(role text, as_what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.guard_log(relation regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.happened_by(of_activity bigint, made_at timestamp with time zone, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.has_drifted(relation oid, fingerprint text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.history(subject_type text, subject_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.hold_table(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.inspect_table(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.install_state(relation oid, key text[], tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.invert_changes(changes jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.is_called(relation oid, number smallint, name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.is_generated(relation oid, column_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.is_guard(trigger_oid oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.key_index(relation oid, key text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.key_of(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.key_values(subject_id text, width integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.keyset_query(relation oid, key text[], after text[], max_rows integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.leaves_of(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.life(activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.live_row(relation oid, subject_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.live_rows(relation oid, key bigint[], columns jsonb, value_limit bigint, leaf oid, OUT subject_id text, OUT state jsonb, OUT omitted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.live_state(relation oid, subject_id text, OUT state jsonb, OUT omitted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.live_subject(relation oid, key text[], subject_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.live_table(subject_type text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.lives(of_type text, of_slot text, of_activity bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.lock_row(subject_type text, current_id text, OUT partitioned boolean, OUT leaf oid, OUT address tid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.log(action text, subject_type text, subject_id text, metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.log_change(action text, subject_type text, subject_id text, old jsonb, new jsonb, metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.log_columns() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.log_figures() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.log_tables() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.mark_columns(present jsonb, shape jsonb, foreign_shift bigint, in_order boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.newest_shape(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.note_partitions(tracked_id integer, relation oid, by_log boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.own_functions() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.own_table(tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.parse_metadata(given text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.partition_key(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.place_of(relation oid, root oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.plan_restore(subject_type text, current_id text, target jsonb, target_columns jsonb, unknown jsonb, OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb, OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.present_columns(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.present_key(relation oid, columns jsonb, before bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.present_names(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.present_state(tracked_id integer, relation oid, told jsonb, watched boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.primary_key(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.proof(tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.recoded(value jsonb, was jsonb, now_is jsonb, OUT recoded jsonb, OUT fits boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.recognise(present jsonb, shape jsonb, elsewhere boolean, in_order boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_alteration(tracked_id integer, relation oid, watched boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_at(subject_type text, subject_id text, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_change(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, shape jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_emptying(relation oid, subject_type text, shape jsonb, row_limit bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_state(relation oid, leaf oid, address tid, subject_type text, label text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_state_at(subject_type text, subject_id text, at timestamp with time zone, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb, OUT base bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_truncation(relation oid, subject_type text, shape jsonb, row_limit bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.record_versions(subject_type text, subject_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.redacted_changes(columns jsonb, old_row record, new_row record) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.redacted_of(columns jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.require_causer(subject_type text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.require_state(relation oid, key text[], tracked_id integer, expected jsonb, table_name text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.resident_at(of_type text, of_slot text, at timestamp with time zone, OUT known boolean, OUT id bigint, OUT happened boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.restore_to_time(of_type text, of_key text, at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.restore_to_version(activity_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.restore_warnings(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.restored_otherwise(subject_type text, wanted jsonb, columns text[], key text[], previous_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.revoke_from(role text, as_what text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.revoke_from_others(objects oid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.role_rights() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.roles() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.root_of(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.row_state(columns jsonb, source record, value_limit bigint, OUT state jsonb, OUT omitted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.rows_of(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.set_actor(causer_id text, causer_type text, ip text, user_agent text, request_id text, metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.settings_of(type oid, as_text boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_columns(relation oid, shape jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_given(shape_id integer, fingerprint text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_in_force(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_key(shape jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_of(shape_id integer, metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shape_token(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.shift_of(relation oid, shape jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.slot_changes(of_type text, of_slot text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.slot_stays(of_type text, of_slot text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.snapshot(subject_type text, subject_id text, label text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.snapshot_held(relation oid, leaf oid, address tid, subject_type text, label text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.sources_of(relation oid, number smallint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.state_at(ids bigint[], times timestamp with time zone[], happened integer, columns_then jsonb, OUT state jsonb, OUT unknown jsonb, OUT columns jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.state_expression(columns jsonb, source text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.stays(of_type text, of_slot text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.subject_expression(key text[], source text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.subject_id(subject_type text, key text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.subject_lives(subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.subject_of(columns jsonb, key bigint[], source record) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.table_columns(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.table_differences(before jsonb, after jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.table_lives(subject_type text, OUT life bigint, OUT ordinal bigint, OUT id bigint, OUT created_at timestamp with time zone, OUT ended boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.told_state(tracked_id integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.tracked_among(relations oid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.tracked_as(name text, relation oid, OUT id integer, OUT subject_type text, OUT live bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.trigger_state(tracked_id integer, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.unbind_restore(before jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.unreserved(metadata jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.unwatched_partitions(tracked_id integer, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.value_expression(encoding text, value text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.value_limit(shape jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.verify_keyed(subject_type text, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.verify_keyless(subject_type text, relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.verify_table(subject_type text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.version(activity_id bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.version_at(activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.watch_ddl() FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.watch_table(tracked_id integer, relation oid, tag text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.watched_columns(relation oid) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.why_unread(name text, description jsonb, source record, state text, message text) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.within_limit(columns jsonb, state jsonb, value_limit bigint, OUT kept jsonb, OUT omitted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.without_path(value jsonb, path text[], level integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.without_paths(value text, paths jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION pgaudit_py.write_activity(operation "char", subject_type text, subject_id text, previous_subject_id text, old_tid tid, new_tid tid, changes jsonb, snapshot jsonb, omitted jsonb, shape_id integer, marks jsonb, action text) FROM PUBLIC;
