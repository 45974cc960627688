--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: pgaudit_py; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA pgaudit_py;


--
-- Name: SCHEMA pgaudit_py; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA pgaudit_py IS 'Audit trail and time travel by pgaudit-py (not the C extension pgAudit, which it works beside).';


--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA shop;


SET default_tablespace = '';

--
-- Name: activity_log; Type: TABLE; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: activity(text, text, text, text, text, text, bigint, text, timestamp with time zone, timestamp with time zone, jsonb, bigint, integer); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: advance_sequences(oid, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: apply_changes(jsonb, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: attached_triggers(integer); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.attached_triggers(tracked_id integer) RETURNS TABLE(oid oid, schema_name text, table_name text, trigger_name text, body text, enabled text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT c.oid, n.nspname::text, c.relname::text, t.tgname::text, p.prosrc, t.tgenabled::text
    FROM pg_proc AS p
    JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal
    JOIN pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE p.pronamespace = 'pgaudit_py'::regnamespace
        AND p.proname IN ('capture_' || tracked_id, 'capture_' || tracked_id || '_truncate')
    ORDER BY 2, 3, 4
$$;


--
-- Name: base_type(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: bind_restore(jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: broken_laws(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: capture_1(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_1() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$DECLARE
    -- Stays the same until the table is altered; see pgaudit_py.shape_token().
    token CONSTANT text := CASE WHEN TG_RELID = '16672'::oid THEN pgaudit_py.shape_token('16672'::oid) END;
    usual boolean := current_setting('pgaudit_py.shape_1', true) = token;
    v_subject text;
    v_previous text;
    v_changes jsonb;
    v_snapshot jsonb;
    v_action text;
    v_causer_type text;
    v_causer_id text;
    v_ip inet;
    v_user_agent text;
    v_request_id text;
    v_metadata jsonb;
BEGIN
    IF usual IS NOT TRUE THEN
        usual := pgaudit_py.check_shape(TG_RELID, 'b80cc0c31fb787d5a41d38a0646f487a', 'pgaudit_py.shape_1', token);
    END IF;
    IF usual THEN
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                v_changes := '{}';
                IF "old"."id" IS DISTINCT FROM "new"."id" THEN
                    v_changes := v_changes || jsonb_build_object('id', jsonb_build_object('old', "old"."id", 'new', "new"."id"));
                END IF;
                IF (pg_column_toast_chunk_id("old"."title") = pg_column_toast_chunk_id("new"."title")) IS NOT TRUE AND "old"."title" IS DISTINCT FROM "new"."title" THEN
                    v_changes := v_changes || jsonb_build_object('title', jsonb_build_object('old', "old"."title", 'new', "new"."title"));
                END IF;
                IF (pg_column_toast_chunk_id("old"."body") = pg_column_toast_chunk_id("new"."body")) IS NOT TRUE AND record_image_ne(ROW("old"."body"), ROW("new"."body")) THEN
                    v_changes := v_changes || jsonb_build_object('body', CASE WHEN "old"."body" IS NULL THEN '{}' ELSE jsonb_build_object('old', "old"."body") END || CASE WHEN "new"."body" IS NULL THEN '{}' ELSE jsonb_build_object('new', "new"."body") END);
                END IF;
                IF (pg_column_toast_chunk_id("old"."tags") = pg_column_toast_chunk_id("new"."tags")) IS NOT TRUE AND record_image_ne(ROW("old"."tags"), ROW("new"."tags")) THEN
                    v_changes := v_changes || jsonb_build_object('tags', jsonb_build_object('old', CASE WHEN num_nulls("old"."tags") = 0 THEN format('%s', "old"."tags") END, 'new', CASE WHEN num_nulls("new"."tags") = 0 THEN format('%s', "new"."tags") END));
                END IF;
                IF v_changes = '{}' THEN
                    RETURN NULL;
                END IF;
                v_subject := format('%s', "new"."id");
                IF "old"."id" IS DISTINCT FROM "new"."id" THEN
                    v_previous := nullif(format('%s', "old"."id"), v_subject);
                END IF;
            ELSIF TG_OP = 'INSERT' THEN
                v_subject := format('%s', "new"."id");
                v_snapshot := jsonb_build_object('id', "new"."id", 'title', "new"."title", 'tags', CASE WHEN num_nulls("new"."tags") = 0 THEN format('%s', "new"."tags") END) || CASE WHEN "new"."body" IS NULL THEN '{}' ELSE jsonb_build_object('body', "new"."body") END;
            ELSE
                v_subject := format('%s', "old"."id");
                v_snapshot := jsonb_build_object('id', "old"."id", 'title', "old"."title", 'tags', CASE WHEN num_nulls("old"."tags") = 0 THEN format('%s', "old"."tags") END) || CASE WHEN "old"."body" IS NULL THEN '{}' ELSE jsonb_build_object('body', "old"."body") END;
            END IF;
            IF current_setting('pgaudit_py.stamp', true) = extract(epoch FROM now())::text THEN
                v_action := nullif(left(current_setting('pgaudit_py.action', true), 512), '');
                v_causer_type := nullif(left(current_setting('pgaudit_py.causer_type', true), 512), '');
                v_causer_id := nullif(left(current_setting('pgaudit_py.causer_id', true), 512), '');
                v_ip := nullif(current_setting('pgaudit_py.ip', true), '')::inet;
                v_user_agent := nullif(left(current_setting('pgaudit_py.user_agent', true), 512), '');
                v_request_id := nullif(left(current_setting('pgaudit_py.request_id', true), 512), '');
                v_metadata := pgaudit_py.parse_metadata(nullif(current_setting('pgaudit_py.metadata', true), ''));
            ELSE
                SELECT * INTO v_action, v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata
                FROM pgaudit_py.context();
            END IF;
        EXCEPTION WHEN OTHERS THEN
            -- A column of another type or none, a value too large, an address that is none.
            usual := false;
        END;
    END IF;
    IF usual THEN
        INSERT INTO pgaudit_py.activity_log (
            operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid,
            causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot, shape_id
        ) VALUES (
            left(TG_OP, 1)::"char",
            coalesce(v_action, CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'INSERT' THEN 'created' ELSE 'deleted' END),
            'posts', v_subject, v_previous, OLD.ctid, NEW.ctid,
            v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata,
            v_changes, v_snapshot, 1
        );
    ELSE
        PERFORM pgaudit_py.capture_slowly(
            TG_RELID, TG_OP, OLD, NEW, OLD.ctid, NEW.ctid, 'posts',
            '{1}'::int2[], 1, 'b80cc0c31fb787d5a41d38a0646f487a');
    END IF;
    RETURN NULL;
END
$$;


--
-- Name: FUNCTION capture_1(); Type: COMMENT; Schema: pgaudit_py; Owner: -
--

COMMENT ON FUNCTION pgaudit_py.capture_1() IS 'pgaudit-py 0.1.0 sha256:ea3853a4d4e0e2860c4183dd6ff06c5fa7b7e92486b711cb7b7638f53e13d2a9';


--
-- Name: capture_1_truncate(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_1_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$BEGIN
    PERFORM pgaudit_py.capture_truncated(
        TG_RELID, 'posts', '{1}'::int2[], 1, 'b80cc0c31fb787d5a41d38a0646f487a', 100000::bigint);
    RETURN NULL;
END
$$;


--
-- Name: capture_2(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_2() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$DECLARE
    -- Stays the same until the table is altered; see pgaudit_py.shape_token().
    token CONSTANT text := CASE WHEN TG_RELID = '16680'::oid THEN pgaudit_py.shape_token('16680'::oid) END;
    usual boolean := current_setting('pgaudit_py.shape_2', true) = token;
    v_subject text;
    v_previous text;
    v_changes jsonb;
    v_snapshot jsonb;
    v_action text;
    v_causer_type text;
    v_causer_id text;
    v_ip inet;
    v_user_agent text;
    v_request_id text;
    v_metadata jsonb;
BEGIN
    IF usual IS NOT TRUE THEN
        usual := pgaudit_py.check_shape(TG_RELID, '00495dde0beceb1de5f0ce957abc15cc', 'pgaudit_py.shape_2', token);
    END IF;
    IF usual THEN
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                v_changes := '{}';
                IF (pg_column_toast_chunk_id("old"."words") = pg_column_toast_chunk_id("new"."words")) IS NOT TRUE AND "old"."words" IS DISTINCT FROM "new"."words" THEN
                    v_changes := v_changes || jsonb_build_object('words', jsonb_build_object('old', "old"."words", 'new', "new"."words"));
                END IF;
                IF v_changes = '{}' THEN
                    RETURN NULL;
                END IF;
                v_subject := NULL;
                v_snapshot := jsonb_build_object('words', "new"."words");
            ELSIF TG_OP = 'INSERT' THEN
                v_subject := NULL;
                v_snapshot := jsonb_build_object('words', "new"."words");
            ELSE
                v_subject := NULL;
                v_snapshot := jsonb_build_object('words', "old"."words");
            END IF;
            IF current_setting('pgaudit_py.stamp', true) = extract(epoch FROM now())::text THEN
                v_action := nullif(left(current_setting('pgaudit_py.action', true), 512), '');
                v_causer_type := nullif(left(current_setting('pgaudit_py.causer_type', true), 512), '');
                v_causer_id := nullif(left(current_setting('pgaudit_py.causer_id', true), 512), '');
                v_ip := nullif(current_setting('pgaudit_py.ip', true), '')::inet;
                v_user_agent := nullif(left(current_setting('pgaudit_py.user_agent', true), 512), '');
                v_request_id := nullif(left(current_setting('pgaudit_py.request_id', true), 512), '');
                v_metadata := pgaudit_py.parse_metadata(nullif(current_setting('pgaudit_py.metadata', true), ''));
            ELSE
                SELECT * INTO v_action, v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata
                FROM pgaudit_py.context();
            END IF;
        EXCEPTION WHEN OTHERS THEN
            -- A column of another type or none, a value too large, an address that is none.
            usual := false;
        END;
    END IF;
    IF usual THEN
        INSERT INTO pgaudit_py.activity_log (
            operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid,
            causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot, shape_id
        ) VALUES (
            left(TG_OP, 1)::"char",
            coalesce(v_action, CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'INSERT' THEN 'created' ELSE 'deleted' END),
            'notes', v_subject, v_previous, OLD.ctid, NEW.ctid,
            v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata,
            v_changes, v_snapshot, 2
        );
    ELSE
        PERFORM pgaudit_py.capture_slowly(
            TG_RELID, TG_OP, OLD, NEW, OLD.ctid, NEW.ctid, 'notes',
            '{}', 2, '00495dde0beceb1de5f0ce957abc15cc');
    END IF;
    RETURN NULL;
END
$$;


--
-- Name: FUNCTION capture_2(); Type: COMMENT; Schema: pgaudit_py; Owner: -
--

COMMENT ON FUNCTION pgaudit_py.capture_2() IS 'pgaudit-py 0.1.0 sha256:5908f1641a18ccf7849015187f1e9809be9f355a87cec0cca529dbf2f70e9bcd';


--
-- Name: capture_2_truncate(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_2_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$BEGIN
    PERFORM pgaudit_py.capture_truncated(
        TG_RELID, 'notes', '{}', 2, '00495dde0beceb1de5f0ce957abc15cc', 100000::bigint);
    RETURN NULL;
END
$$;


--
-- Name: capture_3(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_3() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$DECLARE
    -- Stays the same until the table is altered; see pgaudit_py.shape_token().
    token CONSTANT text := CASE WHEN TG_RELID = '16686'::oid THEN pgaudit_py.shape_token('16686'::oid) END;
    usual boolean := current_setting('pgaudit_py.shape_3', true) = token;
    v_subject text;
    v_previous text;
    v_changes jsonb;
    v_snapshot jsonb;
    v_action text;
    v_causer_type text;
    v_causer_id text;
    v_ip inet;
    v_user_agent text;
    v_request_id text;
    v_metadata jsonb;
BEGIN
    IF usual IS NOT TRUE THEN
        usual := pgaudit_py.check_shape(TG_RELID, 'fb44aa6248cec2a622e4961b072dc783', 'pgaudit_py.shape_3', token);
    END IF;
    IF usual THEN
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                v_changes := '{}';
                IF "old"."a" IS DISTINCT FROM "new"."a" THEN
                    v_changes := v_changes || jsonb_build_object('a', jsonb_build_object('old', "old"."a", 'new', "new"."a"));
                END IF;
                IF (pg_column_toast_chunk_id("old"."b") = pg_column_toast_chunk_id("new"."b")) IS NOT TRUE AND "old"."b" IS DISTINCT FROM "new"."b" THEN
                    v_changes := v_changes || jsonb_build_object('b', jsonb_build_object('old', "old"."b", 'new', "new"."b"));
                END IF;
                IF (pg_column_toast_chunk_id("old"."price") = pg_column_toast_chunk_id("new"."price")) IS NOT TRUE AND record_image_ne(ROW("old"."price"), ROW("new"."price")) THEN
                    v_changes := v_changes || jsonb_build_object('price', jsonb_build_object('old', "old"."price", 'new', "new"."price"));
                END IF;
                IF v_changes = '{}' THEN
                    RETURN NULL;
                END IF;
                v_subject := jsonb_build_array(format('%s', "new"."a"), format('%s', "new"."b"))::text;
                IF "old"."a" IS DISTINCT FROM "new"."a" OR (pg_column_toast_chunk_id("old"."b") = pg_column_toast_chunk_id("new"."b")) IS NOT TRUE AND "old"."b" IS DISTINCT FROM "new"."b" THEN
                    v_previous := nullif(jsonb_build_array(format('%s', "old"."a"), format('%s', "old"."b"))::text, v_subject);
                END IF;
                v_snapshot := jsonb_build_object('a', "new"."a", 'b', "new"."b", 'price', "new"."price");
            ELSIF TG_OP = 'INSERT' THEN
                v_subject := jsonb_build_array(format('%s', "new"."a"), format('%s', "new"."b"))::text;
                v_snapshot := jsonb_build_object('a', "new"."a", 'b', "new"."b", 'price', "new"."price");
            ELSE
                v_subject := jsonb_build_array(format('%s', "old"."a"), format('%s', "old"."b"))::text;
                v_snapshot := jsonb_build_object('a', "old"."a", 'b', "old"."b", 'price', "old"."price");
            END IF;
            IF current_setting('pgaudit_py.stamp', true) = extract(epoch FROM now())::text THEN
                v_action := nullif(left(current_setting('pgaudit_py.action', true), 512), '');
                v_causer_type := nullif(left(current_setting('pgaudit_py.causer_type', true), 512), '');
                v_causer_id := nullif(left(current_setting('pgaudit_py.causer_id', true), 512), '');
                v_ip := nullif(current_setting('pgaudit_py.ip', true), '')::inet;
                v_user_agent := nullif(left(current_setting('pgaudit_py.user_agent', true), 512), '');
                v_request_id := nullif(left(current_setting('pgaudit_py.request_id', true), 512), '');
                v_metadata := pgaudit_py.parse_metadata(nullif(current_setting('pgaudit_py.metadata', true), ''));
            ELSE
                SELECT * INTO v_action, v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata
                FROM pgaudit_py.context();
            END IF;
            -- No index of the log could hold it.
            usual := coalesce(octet_length(v_subject), 0) <= 2000 AND coalesce(octet_length(v_previous), 0) <= 2000;
        EXCEPTION WHEN OTHERS THEN
            -- A column of another type or none, a value too large, an address that is none.
            usual := false;
        END;
    END IF;
    IF usual THEN
        INSERT INTO pgaudit_py.activity_log (
            operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid,
            causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot, shape_id
        ) VALUES (
            left(TG_OP, 1)::"char",
            coalesce(v_action, CASE TG_OP WHEN 'UPDATE' THEN 'updated' WHEN 'INSERT' THEN 'created' ELSE 'deleted' END),
            'shop.items', v_subject, v_previous, OLD.ctid, NEW.ctid,
            v_causer_type, v_causer_id, v_ip, v_user_agent, v_request_id, v_metadata,
            v_changes, v_snapshot, 3
        );
    ELSE
        PERFORM pgaudit_py.capture_slowly(
            TG_RELID, TG_OP, OLD, NEW, OLD.ctid, NEW.ctid, 'shop.items',
            '{1,2}'::int2[], 3, 'fb44aa6248cec2a622e4961b072dc783');
    END IF;
    RETURN NULL;
END
$$;


--
-- Name: FUNCTION capture_3(); Type: COMMENT; Schema: pgaudit_py; Owner: -
--

COMMENT ON FUNCTION pgaudit_py.capture_3() IS 'pgaudit-py 0.1.0 sha256:5a926b3d0f8e6a643b330e88e2e79a92b4d089ddc514522ff8a3c2c2780d10ee';


--
-- Name: capture_3_truncate(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_3_truncate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$BEGIN
    PERFORM pgaudit_py.capture_truncated(
        TG_RELID, 'shop.items', '{1,2}'::int2[], 3, 'fb44aa6248cec2a622e4961b072dc783', 2::bigint);
    RETURN NULL;
END
$$;


--
-- Name: capture_slowly(oid, text, record, record, tid, tid, text, smallint[], integer, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_slowly(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, key smallint[], shape_id integer, fingerprint text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    AS $$
DECLARE
    columns CONSTANT jsonb := pgaudit_py.table_columns(relation);
    old_state jsonb;
    new_state jsonb;
    old_omitted jsonb;
    omitted jsonb;
    subject_id text;
    previous_subject_id text;
    changes jsonb;
    marks jsonb := CASE WHEN pgaudit_py.has_drifted(relation, fingerprint)
                        THEN jsonb_build_object('_drift', columns) ELSE '{}' END;
BEGIN
    SELECT * INTO new_state, omitted FROM pgaudit_py.row_state(columns, new_row) WHERE tg_op <> 'DELETE';
    SELECT * INTO old_state, old_omitted FROM pgaudit_py.row_state(columns, old_row) WHERE tg_op <> 'INSERT';
    omitted := nullif(coalesce(old_omitted, '{}') || coalesce(omitted, '{}'), '{}');
    subject_id := pgaudit_py.subject_of(columns, key, CASE WHEN tg_op = 'DELETE' THEN old_row ELSE new_row END);
    IF tg_op = 'UPDATE' THEN
        BEGIN
            changes := pgaudit_py.diff_states(old_state, new_state);
        EXCEPTION WHEN OTHERS THEN  -- both sides together are too large for one value: only that they changed is kept
            changes := '{}';
            omitted := coalesce(omitted, '{}') || (
                SELECT jsonb_object_agg(n.name, '{"why": "size"}'::jsonb) FROM jsonb_each(new_state) AS n(name, value)
                WHERE n.value::text IS DISTINCT FROM (old_state -> n.name)::text);
        END;
        IF changes IS NULL THEN
            RETURN;
        END IF;
        previous_subject_id := nullif(pgaudit_py.subject_of(columns, key, old_row), subject_id);
    END IF;
    IF octet_length(subject_id) > 2000 OR octet_length(previous_subject_id) > 2000 THEN
        -- No index of the log could hold it: the record has no name there, but its rows are kept.
        subject_id := CASE WHEN octet_length(subject_id) <= 2000 THEN subject_id END;
        previous_subject_id := CASE WHEN octet_length(previous_subject_id) <= 2000 THEN previous_subject_id END;
        marks := marks || '{"_key": "too long"}';
    END IF;
    PERFORM pgaudit_py.write_activity(
        left(tg_op, 1)::"char", subject_type, subject_id, previous_subject_id, old_tid, new_tid, changes,
        coalesce(new_state, old_state), omitted, CASE WHEN NOT marks ? '_drift' THEN shape_id END, nullif(marks, '{}'));
END
$$;


--
-- Name: capture_truncated(oid, text, smallint[], integer, text, bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.capture_truncated(relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    row_count bigint;      -- NULL: not known
    kept boolean := false;
    why text := 'they cannot be read';
    who record;
    marks jsonb := '{}';
BEGIN
    IF pgaudit_py.has_drifted(relation, fingerprint) THEN
        shape_id := NULL;
        marks := jsonb_build_object('_drift', pgaudit_py.table_columns(relation));
    END IF;
    BEGIN
        IF NOT row_security_active(relation) THEN
            EXECUTE format('SELECT count(*) FROM (SELECT FROM ONLY %s LIMIT %s) AS counted', relation::regclass, row_limit + 1)
                INTO row_count;
        END IF;
        IF row_count > row_limit THEN
            why := format('there are more than %s', row_limit);
        ELSIF row_count IS NOT NULL THEN
            who := pgaudit_py.context();
            INSERT INTO pgaudit_py.activity_log (
                operation, action, subject_type, subject_id, causer_type, causer_id, ip, user_agent, request_id,
                metadata, snapshot, shape_id)
            SELECT 'D', coalesce(who.action, 'deleted'), capture_truncated.subject_type,
                   CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END,  -- as capture_slowly() has it
                   who.causer_type, who.causer_id, who.ip, who.user_agent, who.request_id,
                   nullif(coalesce(who.metadata, '{}') || marks
                          || CASE WHEN octet_length(r.subject_id) > 2000 THEN '{"_key": "too long"}'::jsonb ELSE '{}' END, '{}'),
                   r.state, capture_truncated.shape_id
            FROM pgaudit_py.live_rows(relation, key) AS r;
            kept := true;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        NULL;  -- a row cannot be read: the truncation is recorded as such
    END;
    IF NOT kept THEN
        RAISE WARNING 'pgaudit-py: TRUNCATE of % is recorded without its rows: %', relation::regclass, why;
    END IF;
    PERFORM pgaudit_py.write_activity('T', subject_type, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        CASE WHEN kept THEN jsonb_build_object('_rows', row_count)
             WHEN row_count > row_limit THEN jsonb_build_object('_rows_over', row_limit) ELSE '{}' END);
END
$$;


--
-- Name: catalog_columns(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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
    )), '{}')
    FROM pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated <> 'v'
$$;


--
-- Name: chains(integer[]); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: check_shape(oid, text, text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF pgaudit_py.has_drifted(relation, fingerprint) THEN
        RETURN false;
    END IF;
    IF token IS NOT NULL THEN
        PERFORM set_config(setting, token, false);
    END IF;
    RETURN true;
END
$$;


--
-- Name: clear_actor(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: context(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: current_key(bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: decode_row(anyelement, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.decode_row(INOUT row_type anyelement, state jsonb) RETURNS anyelement
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
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
             ELSE format('($1 ->> %L)::%s', a.attname, format_type(a.atttypid, -1)) END, ', ' ORDER BY a.attnum)
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


--
-- Name: diff(bigint, bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.diff_states(
        (SELECT coalesce(jsonb_object_agg(coalesce(now_called.name, s.name), s.value), '{}')
         FROM jsonb_each(earlier.state) AS s(name, value)
         LEFT JOIN LATERAL (
             SELECT c.name FROM jsonb_each(later.columns) AS c(name, description)
             WHERE c.description -> 'attnum' = earlier.columns -> s.name -> 'attnum'
         ) AS now_called ON true),
        later.state)
    FROM pgaudit_py.version_at(from_version) AS earlier, pgaudit_py.version_at(to_version) AS later
$$;


--
-- Name: diff_states(jsonb, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: encoding_of(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: ensure_partitions(integer); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.ensure_partitions(months integer DEFAULT 3) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '2s'
    AS $$
DECLARE
    first timestamptz := date_trunc('month', now());
    starts timestamptz;
    ends timestamptz;
    partition text;
BEGIN
    IF (months BETWEEN 0 AND 120) IS NOT TRUE THEN
        RAISE EXCEPTION 'months is %', months USING ERRCODE = 'PGA11', HINT = 'Give 0 to 120.';
    END IF;
    PERFORM pgaudit_py.guard_log('pgaudit_py.activity_log'::regclass), pgaudit_py.guard_log('pgaudit_py.activity_log_default'::regclass);
    FOR month IN 0 .. months LOOP
        starts := first + month * '1 month'::interval;
        ends := starts + '1 month'::interval;
        partition := 'activity_log_' || to_char(starts, 'YYYY_MM');
        CONTINUE WHEN to_regclass('pgaudit_py.' || partition) IS NOT NULL OR EXISTS (
            SELECT FROM pgaudit_py.activity_log_default AS d WHERE d.created_at >= starts AND d.created_at < ends);
        EXECUTE format('CREATE TABLE pgaudit_py.%I (LIKE pgaudit_py.activity_log INCLUDING DEFAULTS INCLUDING STORAGE)', partition);
        PERFORM pgaudit_py.revoke_from_others(ARRAY[to_regclass('pgaudit_py.' || partition)::oid]);
        PERFORM pgaudit_py.guard_log(to_regclass('pgaudit_py.' || partition)::regclass);
        EXECUTE format('ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.%I FOR VALUES FROM (%L) TO (%L)',
            partition, starts, ends);
        RETURN NEXT partition;
    END LOOP;
END
$$;


--
-- Name: facts("char", jsonb, jsonb, jsonb, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.facts(operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb, OUT column_number smallint, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text) RETURNS SETOF record
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT (columns -> c.name ->> 'attnum')::smallint, side.value, side.after, true,
           c.name, columns -> c.name ->> 'type'
    FROM jsonb_each(changes) AS c(name, change)
    CROSS JOIN LATERAL (VALUES (c.change -> 'old', false), (c.change -> 'new', true)) AS side(value, after)
    WHERE columns ? c.name AND NOT coalesce(omitted ? c.name, false)
    UNION ALL
    SELECT (c.description ->> 'attnum')::smallint, snapshot -> c.name, operation <> 'D', true,
           c.name, c.description ->> 'type'
    FROM jsonb_each(columns) AS c(name, description)
    WHERE snapshot IS NOT NULL AND (snapshot ? c.name OR c.description ->> 'encoding' = 'jsonb')
        AND NOT coalesce(changes ? c.name, false) AND NOT coalesce(omitted ? c.name, false)
    UNION ALL
    SELECT (columns -> o.name ->> 'attnum')::smallint, NULL, operation <> 'D', false,
           o.name, columns -> o.name ->> 'type'
    FROM jsonb_object_keys(omitted) AS o(name) WHERE columns ? o.name
$$;


--
-- Name: find_relation(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: find_tracked(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint) RETURNS SETOF record
    LANGUAGE sql STABLE
    AS $$
    SELECT * FROM pgaudit_py.tracked_as(find_tracked.name, pgaudit_py.find_relation(find_tracked.name))
$$;


--
-- Name: fingerprint(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.fingerprint(relation oid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
    SELECT md5(string_agg(
        format('%s %s %s %L', attnum,
               CASE WHEN atttypid < 16384 THEN atttypid::text ELSE atttypid::regtype::text END,
               CASE WHEN attcollation < 16384 THEN attcollation::text ELSE attcollation::regcollation::text END, attname),
        E'\n' ORDER BY attnum))
    FROM pg_attribute WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped
$$;


--
-- Name: guard_log(regclass); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.guard_log(relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = relation AND t.tgname = 'append_only') THEN
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change()', relation);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);
    END IF;
END
$$;


--
-- Name: happened_by(bigint, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: has_drifted(oid, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.has_drifted(relation oid, fingerprint text) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT pgaudit_py.fingerprint(relation) IS DISTINCT FROM fingerprint
        OR pgaudit_py.table_columns(relation) <> pgaudit_py.catalog_columns(relation)  -- the snapshot is an old one
$$;


--
-- Name: history(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.history(subject_type text, subject_id text) RETURNS TABLE(life integer, id bigint, created_at timestamp with time zone, transaction_id bigint, operation "char", action text, key text, previous_key text, causer_type text, causer_id text, db_role text, set_role text, ip inet, user_agent text, request_id text, metadata jsonb, changes jsonb, state jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    step record;
    columns jsonb;
BEGIN
    life := 0;
    FOR step IN
        SELECT s.life, l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
        FROM pgaudit_py.subject_lives(history.subject_type, history.subject_id) AS s
        JOIN pgaudit_py.activity_log AS l USING (id, created_at) ORDER BY s.life, s.ordinal
    LOOP
        -- The state is carried on from change to change; rebuilt where a life begins, and where the columns changed.
        IF step.operation = 'T' THEN
            state := NULL;
        ELSIF step.snapshot IS NOT NULL AND step.omitted IS NULL THEN
            state := step.snapshot;
        ELSIF step.life = life AND step.columns = columns THEN
            IF step.operation <> 'D' THEN
                state := pgaudit_py.apply_changes(state, step.changes) || coalesce(step.snapshot, '{}')
                    - ARRAY(SELECT jsonb_object_keys(step.omitted));
            END IF;
        ELSE
            state := pgaudit_py.version(step.id);
        END IF;
        columns := step.columns;
        life := step.life; id := step.id; created_at := step.created_at; transaction_id := step.transaction_id;
        operation := step.operation; action := step.action; key := step.subject_id;
        previous_key := step.previous_subject_id; causer_type := step.causer_type; causer_id := step.causer_id;
        db_role := step.db_role; set_role := step.set_role; ip := step.ip; user_agent := step.user_agent; request_id := step.request_id; metadata := step.metadata;
        changes := step.changes;
        RETURN NEXT;
    END LOOP;
END
$$;


--
-- Name: inspect_table(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.inspect_table(relation oid) RETURNS TABLE(oid oid, schema_name text, table_name text, kind text, persistence text, is_partition boolean, inherits boolean, owner text, owned boolean, is_system boolean, definer text, fingerprint text, columns jsonb, key text[])
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
        c.relispartition AS is_partition,
        EXISTS (SELECT FROM pg_inherits AS i WHERE c.oid IN (i.inhrelid, i.inhparent)) AS inherits,
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
                'short', a.attlen BETWEEN 1 AND 16,
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
        coalesce((
            SELECT array_agg(a.attname::text ORDER BY k.position)
            FROM pg_index AS i
            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.attnum
            JOIN pg_class AS x ON x.oid = i.indexrelid
            JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'  -- that of periods, WITHOUT OVERLAPS, tells no record
            WHERE i.indrelid = c.oid AND i.indisprimary
                AND k.position <= i.indnkeyatts  -- what INCLUDE adds is no key
        ), '{}') AS key
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = relation
$$;


--
-- Name: invert_changes(jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.invert_changes(changes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT jsonb_object_agg(c.name,
        CASE WHEN c.change ? 'new' THEN jsonb_build_object('old', c.change -> 'new') ELSE '{}' END
        || CASE WHEN c.change ? 'old' THEN jsonb_build_object('new', c.change -> 'old') ELSE '{}' END)
    FROM jsonb_each(changes) AS c(name, change)
$$;


--
-- Name: key_condition(oid, text[], text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT string_agg(
        format('%I.%I OPERATOR(%I.%s) %L::%s',
            alias, k.name, n.nspname, o.oprname, k.value, format_type(a.atttypid, a.atttypmod)),
        ' AND ' ORDER BY k.position)
    FROM unnest(key, pgaudit_py.key_values(subject_id, cardinality(key))) WITH ORDINALITY AS k(name, value, position)
    JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped
    JOIN pg_index AS i ON i.indrelid = relation AND i.indisprimary
    JOIN pg_opclass AS c ON c.oid = i.indclass[k.position - 1]
    JOIN pg_amop AS m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3  -- equal, in a btree
        AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
    JOIN pg_operator AS o ON o.oid = m.amopopr
    JOIN pg_namespace AS n ON n.oid = o.oprnamespace
$$;


--
-- Name: key_values(text, integer); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: life(bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.life(activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.ordinal, v.id, v.created_at
    FROM pgaudit_py.activity_log AS l
    CROSS JOIN LATERAL pgaudit_py.lives(l.subject_type, l.subject_id, l.id) AS v
    WHERE l.id = activity_id AND l.operation IS NOT NULL AND l.subject_id IS NOT NULL
$$;


--
-- Name: live_row(oid, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.live_row(relation oid, subject_id text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    AS $$
DECLARE
    shape record;
    state jsonb;
BEGIN
    SELECT * INTO shape FROM pgaudit_py.inspect_table(relation);
    IF NOT FOUND OR shape.key = '{}' OR live_row.subject_id IS NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT %s FROM ONLY %s AS live WHERE %s',
        pgaudit_py.state_expression(pgaudit_py.table_columns(relation), 'live'), relation::regclass,
        pgaudit_py.key_condition(relation, shape.key, 'live', live_row.subject_id))
    INTO state;
    RETURN state;
END
$$;


--
-- Name: live_rows(oid, smallint[]); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.live_rows(relation oid, key smallint[] DEFAULT NULL::smallint[], OUT subject_id text, OUT state jsonb) RETURNS SETOF record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    AS $$
DECLARE
    columns CONSTANT jsonb := pgaudit_py.table_columns(relation);
    names text[];
    parts text;
BEGIN
    IF to_regclass(relation::regclass::text) IS NULL THEN
        RETURN;
    END IF;
    IF key IS NULL THEN
        SELECT t.key INTO names FROM pgaudit_py.inspect_table(relation) AS t;
    ELSE
        SELECT array_agg(c.name ORDER BY array_position(key, (c.description ->> 'attnum')::smallint)) INTO names
        FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::smallint = ANY (key);
        IF cardinality(names) <> cardinality(key) THEN
            names := NULL;  -- a column of it is gone
        END IF;
    END IF;
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(names) WITH ORDINALITY AS k(name, position);
    RETURN QUERY EXECUTE format('SELECT %s, %s FROM ONLY %s AS live',
        CASE coalesce(cardinality(names), 0)
            WHEN 0 THEN 'NULL::text' WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END,
        pgaudit_py.state_expression(columns, 'live'), relation::regclass);
END
$$;


--
-- Name: live_subject(oid, text[], text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.live_subject(relation oid, key text[], subject_id text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    AS $$
DECLARE
    parts text;
    found_id text;
BEGIN
    SELECT string_agg(format('format(''%%s'', live.%I)', k.name), ', ' ORDER BY k.position) INTO parts
    FROM unnest(key) WITH ORDINALITY AS k(name, position);
    EXECUTE format('SELECT %s FROM ONLY %s AS live WHERE %s',
        CASE cardinality(key) WHEN 1 THEN parts ELSE format('jsonb_build_array(%s)::text', parts) END, relation::regclass,
        pgaudit_py.key_condition(relation, key, 'live', subject_id))
    INTO found_id;
    RETURN found_id;
END
$$;


--
-- Name: live_table(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.live_table(subject_type text) RETURNS oid
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT t.tgrelid
    FROM pgaudit_py.tracked_table AS k
    JOIN pg_proc AS p ON p.proname = 'capture_' || k.id AND p.pronamespace = 'pgaudit_py'::regnamespace
    JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0
    WHERE k.subject_type = live_table.subject_type AND k.removed_at IS NULL
    LIMIT 1
$$;


--
-- Name: lives(text, text, bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: lock_row(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.lock_row(subject_type text, current_id text) RETURNS tid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    key text[];
    address tid;
BEGIN
    SELECT t.key INTO key FROM pgaudit_py.inspect_table(relation) AS t;
    EXECUTE format('SELECT live.ctid FROM ONLY %s AS live WHERE %s FOR UPDATE',
        relation::regclass, pgaudit_py.key_condition(relation, key, 'live', current_id))
    INTO address;
    RETURN address;
END
$$;


--
-- Name: log(text, text, text, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.log(action text, subject_type text DEFAULT NULL::text, subject_id text DEFAULT NULL::text, metadata jsonb DEFAULT NULL::jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
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
    RETURN pgaudit_py.write_activity(
        NULL, subject_type, subject_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, pgaudit_py.unreserved(metadata), action);
END
$$;


--
-- Name: parse_metadata(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.parse_metadata(given text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT
    AS $$
BEGIN
    IF octet_length(given) <= 8192 AND jsonb_typeof(given::jsonb) = 'object' THEN
        RETURN given::jsonb - '{_drift,_key,_rows,_rows_over,_label}'::text[];  -- what only the triggers say
    END IF;
    RETURN jsonb_build_object('_invalid', left(given, 512));
EXCEPTION WHEN OTHERS THEN
    RETURN jsonb_build_object('_invalid', left(given, 512));
END
$$;


--
-- Name: plan_restore(text, text, jsonb, jsonb, text[]); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.plan_restore(subject_type text, current_id text, target jsonb, target_columns jsonb, unknown text[], OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb, OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    present jsonb := pgaudit_py.table_columns(relation);
    column_of record;
    wanted_id text;
BEGIN
    SELECT t.schema_name, t.table_name, t.key INTO schema_name, table_name, key FROM pgaudit_py.inspect_table(relation) AS t;
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
            SELECT was.name AS old_name, now_is.name, now_is.description
            FROM jsonb_each(target_columns) AS was(name, description)
            FULL JOIN jsonb_each(present) AS now_is(name, description)
                ON was.description -> 'attnum' = now_is.description -> 'attnum'
        LOOP
            IF column_of.name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.old_name, 'dropped since');
            ELSIF (column_of.description ->> 'generated')::boolean THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'generated');
            ELSIF column_of.old_name IS NULL THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'added since');
            ELSIF column_of.old_name = ANY (unknown) THEN
                left_out := left_out || jsonb_build_object(column_of.name, 'not recorded');
            ELSE
                columns := columns || column_of.name::text;
                IF target ? column_of.old_name THEN
                    wanted := wanted || jsonb_build_object(column_of.name, target -> column_of.old_name);
                END IF;
            END IF;
        END LOOP;
        changes := pgaudit_py.diff_states(
            current - ARRAY(SELECT jsonb_object_keys(left_out)), wanted);
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
    IF operation <> 'insert' THEN
        columns := ARRAY(SELECT jsonb_object_keys(changes) WHERE operation = 'update');
    END IF;
    proof := md5(concat(relation, '|', coalesce(current::text, 'none')));
END
$$;


--
-- Name: present_columns(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.present_columns(relation oid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET quote_all_identifiers TO 'off'
    AS $$
DECLARE
    known CONSTANT jsonb := pgaudit_py.catalog_columns(relation);
    empty_row json;
    names text[];
    types oid[];
BEGIN
    EXECUTE format('SELECT row_to_json(r) FROM (SELECT (NULL::%s).*) AS r', relation::regclass) INTO empty_row;
    SELECT array_agg(n.name ORDER BY n.position) INTO names
    FROM json_object_keys(empty_row) WITH ORDINALITY AS n(name, position)
    WHERE NOT EXISTS (SELECT FROM pg_attribute AS a
                      WHERE a.attrelid = relation AND a.attname = n.name AND a.attgenerated = 'v');
    EXECUTE format('SELECT ARRAY[%s]::oid[] FROM (SELECT (NULL::%s).*) AS r',
        (SELECT string_agg(format('pg_typeof(r.%I)', n.name), ', ' ORDER BY n.position)
         FROM unnest(names) WITH ORDINALITY AS n(name, position)), relation::regclass) INTO types;
    RETURN (
        SELECT coalesce(jsonb_object_agg(c.name, CASE
            WHEN known -> c.name ->> 'type' = format_type(c.type, -1)
                AND has_column_privilege(relation, (known -> c.name ->> 'attnum')::smallint, 'SELECT') IS NOT NULL
            THEN known -> c.name
            ELSE jsonb_build_object(
                'attnum', coalesce((SELECT max((k.value ->> 'attnum')::integer) FROM jsonb_each(known) AS k), 0) + c.position,
                'type', format_type(c.type, -1), 'encoding', coalesce(pgaudit_py.encoding_of(c.type), 'text'),
                'generated', false, 'identity', false)
            END), '{}')
        FROM unnest(names, types) WITH ORDINALITY AS c(name, type, position));
EXCEPTION WHEN OTHERS THEN
    RETURN known;
END
$$;


--
-- Name: record_at(text, text, timestamp with time zone); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.record_at(subject_type text, subject_id text, at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT s.state FROM pgaudit_py.record_state_at(subject_type, subject_id, at) AS s
$$;


--
-- Name: record_state_at(text, text, timestamp with time zone); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.record_state_at(subject_type text, subject_id text, at timestamp with time zone, OUT state jsonb, OUT columns jsonb, OUT unknown text[], OUT base bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    began timestamptz := (SELECT min(t.installed_at) FROM pgaudit_py.tracked_table AS t
                          WHERE t.subject_type = record_state_at.subject_type);
    here record;
    life record;
    relation oid;
BEGIN
    IF began IS NULL THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF at < began THEN
        RAISE EXCEPTION 'the audit trail of % begins at %, after %', quote_ident(subject_type), began, at
            USING ERRCODE = 'PGA05', HINT = 'Ask for a later time.';
    END IF;
    here := pgaudit_py.resident_at(subject_type, subject_id, at);
    IF NOT here.known THEN
        -- Nothing happened since the trail began: it is what it was.
        relation := pgaudit_py.live_table(subject_type);
        state := pgaudit_py.live_row(relation, subject_id);
        columns := pgaudit_py.table_columns(relation);
        IF state IS NULL THEN
            RAISE EXCEPTION 'neither the log nor the table knows % %', quote_ident(subject_type), quote_literal(subject_id)
                USING ERRCODE = 'PGA06', HINT = 'Check the key; a composite one is written ["7", "de"].';
        END IF;
    ELSIF here.id IS NOT NULL THEN
        base := here.id;
        SELECT array_agg(l.id ORDER BY l.ordinal) AS ids, array_agg(l.created_at ORDER BY l.ordinal) AS times,
               max(l.ordinal) FILTER (WHERE l.id = here.id) AS position
        INTO life FROM pgaudit_py.life(here.id) AS l;
        SELECT s.state, s.columns, s.unknown INTO state, columns, unknown
        FROM pgaudit_py.state_at(life.ids, life.times, life.position - CASE WHEN here.happened THEN 0 ELSE 1 END) AS s;
    END IF;
END
$$;


--
-- Name: versions; Type: VIEW; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: record_versions(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.record_versions(subject_type text, subject_id text) RETURNS SETOF pgaudit_py.versions
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.*
    FROM pgaudit_py.subject_lives(record_versions.subject_type, record_versions.subject_id) AS s
    JOIN pgaudit_py.versions AS v ON v.id = s.id AND v.created_at = s.created_at
    ORDER BY s.life, s.ordinal
$$;


--
-- Name: refuse_change(); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'PGA09', HINT = 'Record a new activity instead; old months go as whole partitions.';
END
$$;


--
-- Name: resident_at(text, text, timestamp with time zone); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: restore_to_time(text, text, timestamp with time zone); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: restore_to_version(bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: restored_otherwise(text, jsonb, text[], text[], text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: revoke_from_others(oid[]); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: row_state(jsonb, record); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.row_state(columns jsonb, source record, OUT state jsonb, OUT omitted jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    field record;
    value jsonb;
BEGIN
    BEGIN
        EXECUTE 'SELECT ' || pgaudit_py.state_expression(columns, '($1)') INTO STRICT state USING source;
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        state := '{}';
    END;
    -- One of them cannot be written: find out which.
    FOR field IN SELECT c.name, c.description FROM jsonb_each(columns) AS c(name, description) LOOP
        BEGIN
            EXECUTE 'SELECT ' || pgaudit_py.state_expression(jsonb_build_object(field.name, field.description), '($1)')
                INTO STRICT value USING source;
            state := state || value;
        EXCEPTION WHEN OTHERS THEN
            omitted := coalesce(omitted, '{}')
                || jsonb_build_object(field.name, jsonb_build_object('why', 'error', 'detail', left(SQLERRM, 512)));
        END;
    END LOOP;
END
$_$;


--
-- Name: set_actor(text, text, text, text, text, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: settings_of(oid, boolean); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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
        ELSE '{DateStyle,IntervalStyle,TimeZone,bytea_output,extra_float_digits,lc_monetary}'
    END::text[]
    FROM pg_type AS t WHERE t.oid = pgaudit_py.base_type(type)
$$;


--
-- Name: shape_of(integer, jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.shape_of(shape_id integer, metadata jsonb) RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce((SELECT s.columns FROM pgaudit_py.table_shape AS s WHERE s.id = shape_id), metadata -> '_drift', '{}')
$$;


--
-- Name: shape_token(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.shape_token(relation oid) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT gen_random_uuid()::text
$$;


--
-- Name: slot_changes(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.slot_changes(of_type text, of_slot text) RETURNS TABLE(slot text, id bigint, created_at timestamp with time zone, epoch smallint, transaction_id bigint, birth boolean, death boolean, came_from text, went_to text, old_tid tid, new_tid tid)
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
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id IS NOT NULL AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id IS NOT NULL;
    ELSE
        RETURN QUERY
        SELECT l.subject_id, l.id, l.created_at, l.epoch, l.transaction_id, l.operation = 'I' OR l.previous_subject_id IS NOT NULL,
               l.operation = 'D', l.previous_subject_id, NULL::text,
               CASE WHEN l.previous_subject_id IS NULL THEN l.old_tid END, l.new_tid
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.subject_id = of_slot AND l.operation IS NOT NULL;
        RETURN QUERY
        SELECT l.previous_subject_id, l.id, l.created_at, l.epoch, l.transaction_id, false,
               true, NULL::text, l.subject_id, l.old_tid, NULL::tid
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = of_type AND l.previous_subject_id = of_slot;
    END IF;
END
$$;


--
-- Name: slot_stays(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: state_at(bigint[], timestamp with time zone[], integer); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.state_at(ids bigint[], times timestamp with time zone[], happened integer, OUT state jsonb, OUT unknown text[], OUT columns jsonb) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    edge record;     -- the activity that says how columns were called: the last one that had happened, else the first
    ending record;
    live jsonb;
    live_columns jsonb;
    relation oid;
BEGIN
    SELECT l.*, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns INTO edge
    FROM pgaudit_py.activity_log AS l 
    WHERE l.id = ids[greatest(happened, 1)] AND l.created_at = times[greatest(happened, 1)];
    columns := edge.columns;
    IF (CASE WHEN happened > 0 THEN edge.operation IN ('D', 'T') ELSE edge.operation = 'I' END) THEN
        RETURN;
    END IF;
    SELECT l.operation, l.subject_type, l.subject_id INTO ending
    FROM pgaudit_py.activity_log AS l WHERE l.id = ids[cardinality(ids)] AND l.created_at = times[cardinality(ids)];
    IF ending.operation NOT IN ('D', 'T') THEN
        relation := pgaudit_py.live_table(ending.subject_type);
        live := pgaudit_py.live_row(relation, ending.subject_id);
        live_columns := pgaudit_py.table_columns(relation);
    END IF;
    WITH told AS (
        SELECT p.ordinal, f.column_number, f.value, f.after, f.told
        FROM unnest(ids, times) WITH ORDINALITY AS p(id, created_at, ordinal)
        JOIN pgaudit_py.activity_log AS l USING (id, created_at)
        CROSS JOIN LATERAL pgaudit_py.facts(
            l.operation, l.changes, l.snapshot, l.omitted, pgaudit_py.shape_of(l.shape_id, l.metadata)) AS f
        UNION ALL
        SELECT cardinality(ids) + 1, f.column_number, f.value, false, true
        FROM pgaudit_py.facts('D', NULL, live, NULL, live_columns) AS f
        WHERE live IS NOT NULL
    ), nearest AS (
        SELECT DISTINCT ON (column_number) column_number, value, told.told
        FROM told WHERE ordinal > happened OR after
        ORDER BY column_number, (after AND ordinal <= happened) DESC,
            CASE WHEN after AND ordinal <= happened THEN -ordinal ELSE ordinal END, after
    ), field AS (
        SELECT c.name, n.value, coalesce(n.told, false) AS known
        FROM jsonb_each(edge.columns) AS c(name, description)
        LEFT JOIN nearest AS n ON n.column_number = (c.description ->> 'attnum')::smallint
    )
    SELECT coalesce(jsonb_object_agg(name, value) FILTER (WHERE value IS NOT NULL), '{}'),
           array_agg(name ORDER BY name) FILTER (WHERE NOT known)
    INTO state, unknown FROM field;
END
$$;


--
-- Name: state_expression(jsonb, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.state_expression(columns jsonb, source text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH field AS (
        SELECT name, description ->> 'encoding' AS encoding,
               pgaudit_py.value_expression(description ->> 'encoding', format('%s.%I', source, name)) AS value,
               (row_number() OVER (ORDER BY (description ->> 'attnum')::int)) / 45 AS batch
        FROM jsonb_each(columns) AS c(name, description)
    ), part AS (
        SELECT format('jsonb_build_object(%s)', string_agg(format('%L, %s', name, value), ', ')) AS expression
        FROM field WHERE encoding <> 'jsonb' GROUP BY batch
        UNION ALL
        SELECT format('CASE WHEN %s IS NULL THEN ''{}'' ELSE jsonb_build_object(%L, %s) END', value, name, value)
        FROM field WHERE encoding = 'jsonb'
    )
    SELECT coalesce(string_agg(expression, ' || '), '''{}''::jsonb') FROM part
$$;


--
-- Name: stays(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.stays(of_type text, of_slot text DEFAULT NULL::text) RETURNS TABLE(slot text, stay integer, ordinal integer, id bigint, created_at timestamp with time zone, transaction_id bigint, birth boolean, death boolean, came_from text, went_to text, remaining integer)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    truncations bigint[];
    truncated_at timestamptz[];
    event record;
    latest integer;              -- the stay that began last
    present integer[] := '{}';   -- those that have not ended, oldest first: one as a rule
    addresses tid[];             -- where their rows are
    i integer;
BEGIN
    SELECT array_agg(l.id ORDER BY l.id), array_agg(l.created_at ORDER BY l.id) INTO truncations, truncated_at
    FROM pgaudit_py.activity_log AS l
    WHERE l.subject_type = of_type AND l.operation = 'T' AND l.subject_id IS NULL AND l.previous_subject_id IS NULL;
    FOR event IN
        WITH change AS MATERIALIZED (
            SELECT c.*, coalesce(width_bucket(c.id, (SELECT truncations)), 0) AS era
            FROM pgaudit_py.slot_changes(of_type, of_slot) AS c
        ), placed AS MATERIALIZED (
            SELECT c.*, row_number() OVER (PARTITION BY c.slot COLLATE "C" ORDER BY c.id) AS place,
                   count(*) OVER (PARTITION BY c.slot COLLATE "C", c.epoch, c.transaction_id) > 1 AS together
            FROM change AS c
        ), doubtful AS MATERIALIZED (
            SELECT p.slot, p.place, p.epoch, p.transaction_id, p.era, p.old_tid, p.new_tid,
                   (row_number() OVER ())::integer AS number
            FROM placed AS p WHERE p.together
        ), link AS (
            -- An address comes again in a transaction only after a TRUNCATE of its own: hence the nearest.
            SELECT DISTINCT ON (d.number) d.number, maker.number AS before
            FROM doubtful AS d JOIN doubtful AS maker USING (slot, epoch, transaction_id, era)
            WHERE maker.new_tid = d.old_tid AND maker.number <> d.number
            ORDER BY d.number, maker.place > d.place, abs(maker.place - d.place)
        ), chained AS (
            SELECT d.slot, d.place, min(d.place) OVER (PARTITION BY c.head) AS head_place, c.depth
            FROM pgaudit_py.chains((
                SELECT array_agg(l.before ORDER BY d.number)
                FROM doubtful AS d LEFT JOIN link AS l USING (number))) AS c
            JOIN doubtful AS d USING (number)
        )
        SELECT e.* FROM (
            SELECT p.slot, p.id, p.created_at, p.transaction_id, p.birth, p.death, p.came_from, p.went_to, p.old_tid, p.new_tid,
                   false AS truncated, p.era, coalesce(c.head_place, p.place) AS place, coalesce(c.depth, 0) AS depth
            FROM placed AS p LEFT JOIN chained AS c USING (slot, place)
            UNION ALL
            SELECT DISTINCT c.slot, truncations[c.era + 1], truncated_at[c.era + 1], NULL::bigint, false, true, NULL, NULL, NULL::tid, NULL::tid,
                   true, c.era, NULL::bigint, 0
            FROM change AS c WHERE c.era < cardinality(truncations)
        ) AS e
        ORDER BY e.slot COLLATE "C", e.era, e.place, e.depth
    LOOP
        IF event.slot IS DISTINCT FROM slot THEN
            slot := event.slot;
            ordinal := 0;
            latest := 0;
            present := '{}';
            addresses := '{}';
        END IF;
        id := event.id;
        created_at := event.created_at;
        transaction_id := event.transaction_id;
        birth := event.birth;
        death := event.death;
        came_from := event.came_from;
        went_to := event.went_to;
        IF event.truncated THEN
            remaining := 0;
            FOREACH stay IN ARRAY present LOOP
                ordinal := ordinal + 1;
                RETURN NEXT;
            END LOOP;
            present := '{}';
            addresses := '{}';
            CONTINUE;
        END IF;
        i := 1;
        IF birth OR present = '{}' THEN
            latest := latest + 1;
            i := cardinality(present) + 1;
            present[i] := latest;
        ELSIF cardinality(present) > 1 THEN
            i := coalesce((SELECT max(p) FROM unnest(array_positions(addresses, event.old_tid)) AS p), 1);
        END IF;
        addresses[i] := coalesce(event.new_tid, addresses[i]);
        stay := present[i];
        IF death THEN
            present := present[:i - 1] || present[i + 1:];
            addresses := addresses[:i - 1] || addresses[i + 1:];
        END IF;
        ordinal := ordinal + 1;
        remaining := cardinality(present);
        RETURN NEXT;
    END LOOP;
END
$$;


--
-- Name: subject_id(text, text[]); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.subject_id(subject_type text, key text[]) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "DateStyle" TO 'ISO, YMD'
    SET "IntervalStyle" TO 'postgres'
    SET extra_float_digits TO '1'
    SET bytea_output TO 'hex'
    SET "TimeZone" TO 'UTC'
    SET lc_monetary TO 'C'
    AS $$
DECLARE
    shape record;
    types text[];
    part text;
    parts text[] := key;
    subject text;
BEGIN
    SELECT t.oid, t.key AS names, t.columns INTO shape
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


--
-- Name: subject_lives(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.subject_lives(subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) RETURNS SETOF record
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    WITH lived AS MATERIALIZED (SELECT * FROM pgaudit_py.lives(subject_lives.subject_type, subject_lives.subject_id))
    SELECT (dense_rank() OVER (ORDER BY v.life))::integer, v.ordinal, v.id, v.created_at
    FROM lived AS v WHERE v.here OR NOT EXISTS (SELECT FROM lived AS other WHERE other.here)
$$;


--
-- Name: subject_of(jsonb, smallint[], record); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.subject_of(columns jsonb, key smallint[], source record) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    part text;
    parts text[];
BEGIN
    SELECT array_agg(format('format(''%%s'', ($1).%I)', c.name) ORDER BY array_position(key, (c.description ->> 'attnum')::smallint))
    INTO parts
    FROM jsonb_each(columns) AS c(name, description) WHERE (c.description ->> 'attnum')::smallint = ANY (key);
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


--
-- Name: table_columns(oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: table_lives(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: tracked_as(text, oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: unbind_restore(jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.unbind_restore(before jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT set_config('pgaudit_py.' || s.name, coalesce(s.value, ''), true) FROM jsonb_each_text(before) AS s(name, value)
$$;


--
-- Name: unreserved(jsonb); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: value_expression(text, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: verify_keyed(text, oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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
        SELECT v.life, v.ordinal, v.ended, v.id, v.subject_id, f.*
        FROM lived AS v
        LEFT JOIN pgaudit_py.table_shape AS shape ON shape.id = v.shape_id
        CROSS JOIN LATERAL pgaudit_py.facts(
            v.operation, v.changes, v.snapshot, v.omitted, coalesce(shape.columns, v.drift, '{}')) AS f
    ), pair AS (
        SELECT f.*, lag(f.value) OVER line AS was, lag(f.told) OVER line AS was_told, lag(f.type) OVER line AS was_type,
               lag(f.ordinal) OVER line = f.ordinal AS same_activity, row_number() OVER (
                   PARTITION BY f.life, f.column_number ORDER BY f.ordinal DESC, f.after DESC) = 1 AS is_last
        FROM fact AS f WINDOW line AS (PARTITION BY f.life, f.column_number ORDER BY f.ordinal, f.after)
    ), live AS MATERIALIZED (
        SELECT r.subject_id, r.state FROM pgaudit_py.live_rows(relation) AS r
    ), live_column AS (
        SELECT e.name, (e.description ->> 'attnum')::smallint AS number, e.description ->> 'type' AS type
        FROM jsonb_each(pgaudit_py.table_columns(relation)) AS e(name, description)
    ), final AS (
        SELECT DISTINCT ON (v.life) v.life, v.id, v.subject_id, v.operation, v.ended
        FROM lived AS v WHERE v.subject_id IS NOT NULL ORDER BY v.life, v.ordinal DESC
    )
    SELECT 'the value before is not the one the log had', p.subject_id, p.id, p.name, p.was, p.value
    FROM pair AS p
    WHERE p.was_told AND p.told AND NOT p.same_activity AND p.was_type = p.type
        AND p.was::text IS DISTINCT FROM p.value::text
    UNION ALL
    SELECT 'the table holds another value', f.subject_id, f.id, c.name, p.value, live.state -> c.name
    FROM final AS f
    JOIN live ON live.subject_id = f.subject_id
    JOIN pair AS p ON p.life = f.life AND p.is_last AND p.after AND p.told
    JOIN live_column AS c ON c.number = p.column_number AND c.type = p.type
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


--
-- Name: verify_keyless(text, oid); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.verify_keyless(subject_type text, relation oid) RETURNS TABLE(problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET enable_nestloop TO 'off'
    AS $$
    WITH activity AS MATERIALIZED (
        SELECT l.id, l.operation, l.changes, l.snapshot, pgaudit_py.shape_of(l.shape_id, l.metadata) AS columns
        FROM pgaudit_py.activity_log AS l
        WHERE l.subject_type = verify_keyless.subject_type AND l.operation IN ('I', 'U', 'D') AND l.omitted IS NULL
            AND l.subject_id IS NULL  -- what was recorded under a key that is gone tells changes, not rows
            AND l.id > coalesce((SELECT max(t.id) FROM pgaudit_py.activity_log AS t
                                 WHERE t.subject_type = verify_keyless.subject_type AND t.operation = 'T'), 0)
    ), shape AS (
        SELECT DISTINCT a.columns FROM activity AS a UNION SELECT pgaudit_py.table_columns(relation)
    ), shared AS (
        SELECT e.description ->> 'attnum' AS number, e.description ->> 'type' AS type
        FROM shape AS s CROSS JOIN LATERAL jsonb_each(s.columns) AS e(name, description)
        GROUP BY 1, 2 HAVING count(*) = (SELECT count(*) FROM shape)
    ), row_count AS (
        SELECT a.columns, a.snapshot AS state, CASE a.operation WHEN 'D' THEN -1 ELSE 1 END AS number, 0 AS live, a.id
        FROM activity AS a
        UNION ALL
        SELECT a.columns, pgaudit_py.apply_changes(a.snapshot, pgaudit_py.invert_changes(a.changes)), -1, 0, a.id
        FROM activity AS a WHERE a.operation = 'U'
        UNION ALL
        SELECT pgaudit_py.table_columns(relation), r.state, 0, 1, NULL FROM pgaudit_py.live_rows(relation) AS r
    ), common AS (
        SELECT r.number, r.live, r.id, (
            SELECT coalesce(jsonb_object_agg(s.number, r.state -> e.name), '{}')
            FROM jsonb_each(r.columns) AS e(name, description) JOIN shared AS s ON s.number = e.description ->> 'attnum'
        ) AS state FROM row_count AS r
    )
    SELECT 'the table holds fewer such rows than the log says', NULL, max(c.id), NULL,
           jsonb_build_object('count', sum(c.number), 'row', (array_agg(c.state))[1]), to_jsonb(sum(c.live))
    FROM common AS c GROUP BY c.state::text HAVING sum(c.number) > sum(c.live)
$$;


--
-- Name: verify_table(text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.verify_table(subject_type text) RETURNS TABLE(problem text, subject_id text, activity_id bigint, field text, expected jsonb, found_value jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    relation oid := pgaudit_py.live_table(subject_type);
    keyed boolean;
BEGIN
    SELECT t.key <> '{}' INTO keyed FROM pgaudit_py.inspect_table(relation) AS t;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no audit trail is installed on %', quote_ident(subject_type)
            USING ERRCODE = 'PGA03', HINT = 'Run `pgaudit-py install --table ' || subject_type || '`.';
    ELSIF keyed THEN
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyed(subject_type, relation);
    ELSE
        RETURN QUERY SELECT * FROM pgaudit_py.verify_keyless(subject_type, relation);
    END IF;
END
$$;


--
-- Name: version(bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.version(activity_id bigint) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    SELECT v.state FROM pgaudit_py.version_at(activity_id) AS v
$$;


--
-- Name: version_at(bigint); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

CREATE FUNCTION pgaudit_py.version_at(activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown text[]) RETURNS record
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


--
-- Name: write_activity("char", text, text, text, tid, tid, jsonb, jsonb, jsonb, integer, jsonb, text); Type: FUNCTION; Schema: pgaudit_py; Owner: -
--

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


SET default_table_access_method = heap;

--
-- Name: activity_log_2026_11; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.activity_log_2026_11 (
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


--
-- Name: activity_log_2026_12; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.activity_log_2026_12 (
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


--
-- Name: activity_log_2027_01; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.activity_log_2027_01 (
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


--
-- Name: activity_log_2027_02; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.activity_log_2027_02 (
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


--
-- Name: activity_log_default; Type: TABLE; Schema: pgaudit_py; Owner: -
--

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


--
-- Name: activity_log_id_seq; Type: SEQUENCE; Schema: pgaudit_py; Owner: -
--

ALTER TABLE pgaudit_py.activity_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgaudit_py.activity_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: migration; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.migration (
    name text NOT NULL,
    checksum text NOT NULL,
    breaking boolean DEFAULT false NOT NULL,
    library_version text NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: table_shape; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.table_shape (
    id integer NOT NULL,
    tracked_table_id integer NOT NULL,
    columns jsonb NOT NULL,
    key text[] NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: table_shape_id_seq; Type: SEQUENCE; Schema: pgaudit_py; Owner: -
--

ALTER TABLE pgaudit_py.table_shape ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgaudit_py.table_shape_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: tracked_table; Type: TABLE; Schema: pgaudit_py; Owner: -
--

CREATE TABLE pgaudit_py.tracked_table (
    id integer NOT NULL,
    subject_type text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    installed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    installed_by text DEFAULT SESSION_USER NOT NULL,
    removed_at timestamp with time zone
);


--
-- Name: tracked_table_id_seq; Type: SEQUENCE; Schema: pgaudit_py; Owner: -
--

ALTER TABLE pgaudit_py.tracked_table ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pgaudit_py.tracked_table_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: notes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.notes (
    words text
);


--
-- Name: posts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.posts (
    id integer NOT NULL,
    title text,
    body jsonb,
    tags text[],
    added integer DEFAULT 7
);


--
-- Name: items; Type: TABLE; Schema: shop; Owner: -
--

CREATE TABLE shop.items (
    a integer NOT NULL,
    b text NOT NULL,
    price numeric
);


--
-- Name: activity_log_2026_11; Type: TABLE ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_2026_11 FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: activity_log_2026_12; Type: TABLE ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_2026_12 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');


--
-- Name: activity_log_2027_01; Type: TABLE ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_2027_01 FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-02-01 00:00:00+00');


--
-- Name: activity_log_2027_02; Type: TABLE ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_2027_02 FOR VALUES FROM ('2027-02-01 00:00:00+00') TO ('2027-03-01 00:00:00+00');


--
-- Name: activity_log_default; Type: TABLE ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_default DEFAULT;


--
-- Data for Name: activity_log_2026_11; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.activity_log_2026_11 (id, created_at, transaction_id, epoch, operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid, causer_type, causer_id, db_role, set_role, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id, erased_at) FROM stdin;
1	2026-11-25 04:02:37.35463+00	757	1	I	created	posts	6	\N	\N	(0,6)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 6, "body": null, "tags": null, "title": "new 6"}	\N	1	\N
2	2026-11-25 04:02:37.355048+00	757	1	I	created	posts	7	\N	\N	(0,7)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 7, "body": null, "tags": null, "title": "new 7"}	\N	1	\N
3	2026-11-25 04:02:37.355094+00	757	1	I	created	posts	8	\N	\N	(0,8)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 8, "body": null, "tags": null, "title": "new 8"}	\N	1	\N
4	2026-11-25 04:02:37.355128+00	757	1	I	created	posts	9	\N	\N	(0,9)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 9, "body": null, "tags": null, "title": "new 9"}	\N	1	\N
5	2026-11-25 04:02:37.35516+00	757	1	I	created	posts	10	\N	\N	(0,10)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 10, "body": null, "tags": null, "title": "new 10"}	\N	1	\N
6	2026-11-25 04:02:37.355444+00	757	1	U	updated	posts	2	\N	(0,2)	(0,11)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"title": {"new": "old 2!", "old": "old 2"}}	\N	\N	1	\N
7	2026-11-25 04:02:37.355477+00	757	1	U	updated	posts	4	\N	(0,4)	(0,12)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"title": {"new": "old 4!", "old": "old 4"}}	\N	\N	1	\N
8	2026-11-25 04:02:37.355501+00	757	1	U	updated	posts	6	\N	(0,6)	(0,13)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"title": {"new": "new 6!", "old": "new 6"}}	\N	\N	1	\N
9	2026-11-25 04:02:37.355522+00	757	1	U	updated	posts	8	\N	(0,8)	(0,14)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"title": {"new": "new 8!", "old": "new 8"}}	\N	\N	1	\N
10	2026-11-25 04:02:37.355541+00	757	1	U	updated	posts	10	\N	(0,10)	(0,15)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"title": {"new": "new 10!", "old": "new 10"}}	\N	\N	1	\N
11	2026-11-25 04:02:37.355626+00	757	1	U	updated	posts	100	4	(0,12)	(0,16)	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	{"id": {"new": 100, "old": 4}}	\N	\N	1	\N
12	2026-11-25 04:02:37.35589+00	757	1	D	deleted	posts	3	\N	(0,3)	\N	\N	42	postgres	\N	203.0.113.7	curl	\N	\N	\N	{"id": 3, "body": {"n": 1}, "tags": "{a}", "title": "old 3"}	\N	1	\N
13	2026-11-25 04:02:37.357156+00	758	1	I	created	notes	\N	\N	\N	(0,1)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"words": "a"}	\N	2	\N
14	2026-11-25 04:02:37.357228+00	758	1	I	created	notes	\N	\N	\N	(0,2)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"words": "a"}	\N	2	\N
15	2026-11-25 04:02:37.357269+00	758	1	I	created	notes	\N	\N	\N	(0,3)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"words": "b"}	\N	2	\N
16	2026-11-25 04:02:37.357373+00	758	1	D	deleted	notes	\N	\N	(0,3)	\N	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"words": "b"}	\N	2	\N
17	2026-11-25 04:02:37.35759+00	758	1	U	updated	notes	\N	\N	(0,1)	(0,4)	\N	\N	postgres	\N	\N	\N	\N	\N	{"words": {"new": "c", "old": "a"}}	{"words": "c"}	\N	2	\N
18	2026-11-25 04:02:37.357644+00	758	1	U	updated	notes	\N	\N	(0,2)	(0,5)	\N	\N	postgres	\N	\N	\N	\N	\N	{"words": {"new": "c", "old": "a"}}	{"words": "c"}	\N	2	\N
19	2026-11-25 04:02:37.358813+00	759	1	I	created	shop.items	["1", "de"]	\N	\N	(0,1)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"a": 1, "b": "de", "price": 1.50}	\N	3	\N
20	2026-11-25 04:02:37.35889+00	759	1	I	created	shop.items	["2", "a|b"]	\N	\N	(0,2)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"a": 2, "b": "a|b", "price": 2}	\N	3	\N
21	2026-11-25 04:02:37.359133+00	759	1	U	updated	shop.items	["1", "de"]	\N	(0,1)	(0,3)	\N	\N	postgres	\N	\N	\N	\N	\N	{"price": {"new": 1.5, "old": 1.50}}	{"a": 1, "b": "de", "price": 1.5}	\N	3	\N
22	2026-11-25 04:02:37.360927+00	759	1	D	deleted	shop.items	["2", "a|b"]	\N	\N	\N	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"a": 2, "b": "a|b", "price": 2}	\N	3	\N
23	2026-11-25 04:02:37.360962+00	759	1	D	deleted	shop.items	["1", "de"]	\N	\N	\N	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"a": 1, "b": "de", "price": 1.5}	\N	3	\N
24	2026-11-25 04:02:37.361207+00	759	1	T	truncated	shop.items	\N	\N	\N	\N	\N	\N	postgres	\N	\N	\N	\N	{"_rows": 2}	\N	\N	\N	\N	\N
25	2026-11-25 04:02:37.362715+00	759	1	I	created	shop.items	["1", "de"]	\N	\N	(0,1)	\N	\N	postgres	\N	\N	\N	\N	\N	\N	{"a": 1, "b": "de", "price": 3}	\N	3	\N
26	2026-11-25 04:02:37.365751+00	762	1	U	updated	posts	1	\N	(0,1)	(0,17)	\N	\N	postgres	\N	\N	\N	\N	{"_drift": {"id": {"type": "integer", "attnum": 1, "encoding": "json", "identity": false, "generated": false}, "body": {"type": "jsonb", "attnum": 3, "encoding": "jsonb", "identity": false, "generated": false}, "tags": {"type": "text[]", "attnum": 4, "encoding": "text", "identity": false, "generated": false}, "added": {"type": "integer", "attnum": 5, "encoding": "json", "identity": false, "generated": false}, "title": {"type": "text", "attnum": 2, "encoding": "json", "identity": false, "generated": false}}}	{"added": {"new": 8, "old": 7}}	{"id": 1, "body": {"n": 1}, "tags": "{a}", "added": 8, "title": "old 1"}	\N	\N	\N
27	2026-11-25 04:02:37.368203+00	763	1	\N	published	posts	1	\N	\N	\N	\N	\N	postgres	\N	\N	\N	\N	{"channel": "rss"}	\N	\N	\N	\N	\N
\.


--
-- Data for Name: activity_log_2026_12; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.activity_log_2026_12 (id, created_at, transaction_id, epoch, operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid, causer_type, causer_id, db_role, set_role, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id, erased_at) FROM stdin;
\.


--
-- Data for Name: activity_log_2027_01; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.activity_log_2027_01 (id, created_at, transaction_id, epoch, operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid, causer_type, causer_id, db_role, set_role, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id, erased_at) FROM stdin;
\.


--
-- Data for Name: activity_log_2027_02; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.activity_log_2027_02 (id, created_at, transaction_id, epoch, operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid, causer_type, causer_id, db_role, set_role, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id, erased_at) FROM stdin;
\.


--
-- Data for Name: activity_log_default; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.activity_log_default (id, created_at, transaction_id, epoch, operation, action, subject_type, subject_id, previous_subject_id, old_tid, new_tid, causer_type, causer_id, db_role, set_role, ip, user_agent, request_id, metadata, changes, snapshot, omitted, shape_id, erased_at) FROM stdin;
\.


--
-- Data for Name: migration; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.migration (name, checksum, breaking, library_version, applied_by, applied_at) FROM stdin;
migrations/0001_initial.sql	2fef5e94033b4043cb58497e8d78195ca92e9ddbda3cccbfe5ad32b27859b2c0	f	0.1.0	postgres	2026-11-25 04:02:37.250585+00
functions/activity.sql	c00c8c96efe2b7f3c6b3acaf905ba31a426b58ec02062cc90810d5732a7d09a6	f	0.1.0	postgres	2026-11-25 04:02:37.251267+00
functions/advance_sequences.sql	0f92065dc1d89bfb9cfa0b8b1a6cd4cb63366a274fb8fe6a5b0e337bdef1fd78	f	0.1.0	postgres	2026-11-25 04:02:37.251643+00
functions/apply_changes.sql	239385453a7053e9a34288521a86b43ae816eb608918a50fc77e0a3cc3d0a7af	f	0.1.0	postgres	2026-11-25 04:02:37.251932+00
functions/attached_triggers.sql	9c13183ac71ed6dc0c91e4529366742c97ba7a7ef53eea22af8d2553284e49c2	f	0.1.0	postgres	2026-11-25 04:02:37.252222+00
functions/base_type.sql	a5cc6085782bd84679b692322013ff6f25ab51e4b2ce3ceee15893da6af80e61	f	0.1.0	postgres	2026-11-25 04:02:37.252581+00
functions/bind_restore.sql	3f4668a495770ebec69cc2a5c464cc901426214f2e89d141bed26ed955967a60	f	0.1.0	postgres	2026-11-25 04:02:37.252858+00
functions/broken_laws.sql	a0717b0e2574aa5e38ed5568e01d90fe49c0786e26bfa6000731390b6d8e3256	f	0.1.0	postgres	2026-11-25 04:02:37.253163+00
functions/capture_slowly.sql	076a0f09c74b91cecee325a23fc16872b837f153bdbb178cc2d764c1281768d2	f	0.1.0	postgres	2026-11-25 04:02:37.253676+00
functions/capture_truncated.sql	a1f309a4001cc98ac8ffa98acd9b9d83dcd925ef679ac016e3653a5499a3f206	f	0.1.0	postgres	2026-11-25 04:02:37.253986+00
functions/catalog_columns.sql	7bb0075a5fea48441db94530d67ca73a63ba80ffbd9cd24786b20994662b4b4a	f	0.1.0	postgres	2026-11-25 04:02:37.254239+00
functions/chains.sql	2a238795f2f84e8de2da8b11ced73c6b271461b585132999d6495ede3b6d2cdb	f	0.1.0	postgres	2026-11-25 04:02:37.254516+00
functions/check_shape.sql	406a1b00393304ae36f4c23d941c213bffa0056bb8ff6b051c1469920d241270	f	0.1.0	postgres	2026-11-25 04:02:37.254774+00
functions/clear_actor.sql	6c25eb2e3d03f0445ce0505278900f155db8f252943192ce68628449ad400639	f	0.1.0	postgres	2026-11-25 04:02:37.255006+00
functions/context.sql	e1d04104679ee15f2bc59d78a8d47b8a43525a2fef06529044ffe5df03a1cda4	f	0.1.0	postgres	2026-11-25 04:02:37.255277+00
functions/current_key.sql	3a917c3db1342166338cdc80f09bbcb009f72054a221cd57aa29f23f03450dc7	f	0.1.0	postgres	2026-11-25 04:02:37.255567+00
functions/decode_row.sql	813bc810140714f3654b421ccae925df57c15810bc6e2f7bbbb0212eddd1cd54	f	0.1.0	postgres	2026-11-25 04:02:37.255924+00
functions/diff.sql	986c016b38a112c9e395e41725a01b184c8dbfe588484bef97c9f5b7d4ac6950	f	0.1.0	postgres	2026-11-25 04:02:37.25617+00
functions/diff_states.sql	99c61dcee780ba82f454c95ea9b4450810030bf2bdba14c3f8e948ed3b827cf6	f	0.1.0	postgres	2026-11-25 04:02:37.256409+00
functions/encoding_of.sql	3ff8cb097b6de598a29444a2fdc39e6f7adc2e2ac70c4929c63d67a0debe2013	f	0.1.0	postgres	2026-11-25 04:02:37.256632+00
functions/ensure_partitions.sql	b717bddd19162833611dd64c31fcaf767d67882eeb3ee1a9fd9c3e7342976f46	f	0.1.0	postgres	2026-11-25 04:02:37.2569+00
functions/facts.sql	655deeab1078d61759450abe3308ee7118181e6995e7daf67968239a223dff68	f	0.1.0	postgres	2026-11-25 04:02:37.257165+00
functions/find_relation.sql	93112bbf834ec31e1ee9815e29ac5131838e8517ca6d660467de83075255ff4c	f	0.1.0	postgres	2026-11-25 04:02:37.257389+00
functions/find_tracked.sql	3d321e86f8d160a8d86be5dafffff373cd3beadc7acf3ce4cf54e2ddb76fd0c8	f	0.1.0	postgres	2026-11-25 04:02:37.257635+00
functions/fingerprint.sql	4ef01c7e8754493044171f05bd40a7d24d6e6b6fc7a1ab1ea8263b3a083fe9df	f	0.1.0	postgres	2026-11-25 04:02:37.257845+00
functions/guard_log.sql	d60d25412b519fdac4eb56c71c4cedc69fc46107c06574ea0ad865439b8b1ac0	f	0.1.0	postgres	2026-11-25 04:02:37.258079+00
functions/happened_by.sql	85a449f83cae67194420da251fef4c2cbd7b176da251f6894af1b13cd4060e45	f	0.1.0	postgres	2026-11-25 04:02:37.258288+00
functions/has_drifted.sql	a41d19e33371cc2eb71d0e35049705e846e272b0124fbafa45e9ecf23ba63dad	f	0.1.0	postgres	2026-11-25 04:02:37.258497+00
functions/history.sql	4ca2bd74e4d0e4d22e7528f180ab57c2e204983c75c48864cf39133cf22fd055	f	0.1.0	postgres	2026-11-25 04:02:37.258791+00
functions/inspect_table.sql	d3f37cb018aafb7eae9f3f99b63363a7a8445a2e7b6d7aec3b5ddad79bc5def0	f	0.1.0	postgres	2026-11-25 04:02:37.259071+00
functions/invert_changes.sql	49821629e36a5828b66a743c6bb92fe66a6fdbbde26e5e2e92bfbc7155156fd2	f	0.1.0	postgres	2026-11-25 04:02:37.259294+00
functions/key_condition.sql	941be070b8f6486f748b8ddfb352d9ccaaa4c0e95aa22584ade86d81421580fc	f	0.1.0	postgres	2026-11-25 04:02:37.259519+00
functions/key_values.sql	dedacf260fde486eefc962c69a658039552c2018690e16409654f344c9282a4f	f	0.1.0	postgres	2026-11-25 04:02:37.259731+00
functions/life.sql	7bf3f3da3b023a8602df53431e06f4fb1d3574e3a8c5639d2208e15bd44b1a16	f	0.1.0	postgres	2026-11-25 04:02:37.259938+00
functions/live_row.sql	eb4edb3cf6c62c0940798d0d3f3a1acf43b91fad9d2558449f173d24d77cfe47	f	0.1.0	postgres	2026-11-25 04:02:37.260179+00
functions/live_rows.sql	7a3bc189c7b1d70b59e8610abc343f1fcbf4b80880fd76759f53b84dffbe779e	f	0.1.0	postgres	2026-11-25 04:02:37.260457+00
functions/live_subject.sql	d1d12c7268fda11d77a8619a697096ed27afddf0298cc298bd94deb574af3b4c	f	0.1.0	postgres	2026-11-25 04:02:37.260748+00
functions/live_table.sql	1ea97ec1ff74d4e2ee979730549957975abf6e855e0d140adc1febdaaf889bac	f	0.1.0	postgres	2026-11-25 04:02:37.26096+00
functions/lives.sql	c9dc20c102a720c6b8320e09798edc8195074b417137b0cddea013f0898ea463	f	0.1.0	postgres	2026-11-25 04:02:37.261237+00
functions/lock_row.sql	7359950072fcc56c58da12be133de02e686dcbf1e411bfd1d5c98e36277eeb4a	f	0.1.0	postgres	2026-11-25 04:02:37.261446+00
functions/log.sql	1bdb23b1589bf1bb9242aff84c78189f6c596de6f3eaf0ad73706e257c4cc1cb	f	0.1.0	postgres	2026-11-25 04:02:37.261712+00
functions/parse_metadata.sql	349dac0bd5c0a50b3175c34e69424463b499f9e3927686688a76ec61e5d31340	f	0.1.0	postgres	2026-11-25 04:02:37.261954+00
functions/plan_restore.sql	bfa560d263bb365ed99ca1edd52923cbe697e0d0aad6a4239a1ba3fe8a7e1add	f	0.1.0	postgres	2026-11-25 04:02:37.262279+00
functions/present_columns.sql	aa01ac0e8f8b2aa403904d50475c33b46656a713e4b55b7d61a8a5898d39e856	f	0.1.0	postgres	2026-11-25 04:02:37.262527+00
functions/record_at.sql	d1fcae70f4da1ff11364ff65dd4444718de553bd1f2ef217cd3859a41c1fd2e9	f	0.1.0	postgres	2026-11-25 04:02:37.262768+00
functions/record_state_at.sql	5de90c626fca6c85c1dec997f25f3b97ec92d94fd1e8f704591dd2d7115b3d88	f	0.1.0	postgres	2026-11-25 04:02:37.26303+00
functions/record_versions.sql	e19e7cf5a797f63c6d3723000e12710f315b866534339c959a33cfeab22f09ff	f	0.1.0	postgres	2026-11-25 04:02:37.263267+00
functions/refuse_change.sql	a79564b432f1d114169f4b023d4afa15f4d9d3c8c95c51c930b7aed9010a07a7	f	0.1.0	postgres	2026-11-25 04:02:37.263489+00
functions/resident_at.sql	ea3162f1cf17be443e75c1e1890f9c4c59ba99352d0b36c9e4c1bc8c447dd710	f	0.1.0	postgres	2026-11-25 04:02:37.263731+00
functions/restore_to_time.sql	973cc6b36a82fa5ff5838af89d6c5fe2277af12555b66c471d08238e33236042	f	0.1.0	postgres	2026-11-25 04:02:37.26397+00
functions/restore_to_version.sql	4a69f15fe85d524fa3a14d9c0e851df1b4a57cc2e97bedcf0f5fb5b391904de0	f	0.1.0	postgres	2026-11-25 04:02:37.264203+00
functions/restored_otherwise.sql	f3ada6bd4b9d0417db7fb5caa4372ad306f38b50f709a8b6dffb5ec8621579b7	f	0.1.0	postgres	2026-11-25 04:02:37.26443+00
functions/revoke_from_others.sql	4e5c94d0b4daf2f940b875189d28183f7032c5c62f92709ac353ccfc7397e051	f	0.1.0	postgres	2026-11-25 04:02:37.26468+00
functions/row_state.sql	0c2d73c524103b5a7ce3d80697fb9263fb35d795c81608422ceefc85acb67b2c	f	0.1.0	postgres	2026-11-25 04:02:37.26493+00
functions/set_actor.sql	e6ff91ecf4d46090f762c44ef25b4e0b2a0d7d631006cc311f12b9773bb89937	f	0.1.0	postgres	2026-11-25 04:02:37.265187+00
functions/settings_of.sql	06ed4bb26d10f98ca17b7b0c31f0c988a77095d97db81db4db21885c30500936	f	0.1.0	postgres	2026-11-25 04:02:37.265422+00
functions/shape_of.sql	afc8f982883d2ffe014584438b050428da41f7df04ff8f721809d61f70508095	f	0.1.0	postgres	2026-11-25 04:02:37.266036+00
functions/shape_token.sql	7d92416a9ec8922fd1ac46d86ee968b7c637a541e09576361e812957a37da29f	f	0.1.0	postgres	2026-11-25 04:02:37.266263+00
functions/slot_changes.sql	7eb0b2febba2564ee639020af290c9827ae02f68169539f8dac18bdbe665bf74	f	0.1.0	postgres	2026-11-25 04:02:37.266525+00
functions/slot_stays.sql	88d545700bd53d8793e8557100e2b93a66b03a2292d3d6a796697fc0634f7ff8	f	0.1.0	postgres	2026-11-25 04:02:37.266778+00
functions/state_at.sql	f2ca7881e0c9e8055a8c7f1131c951538f3e2d47d374845b9a956d0d26829672	f	0.1.0	postgres	2026-11-25 04:02:37.267054+00
functions/state_expression.sql	20e33d4a6072847cc494856270c5d575cc31548127306ab7031b99c2825c1b22	f	0.1.0	postgres	2026-11-25 04:02:37.267288+00
functions/stays.sql	9e15f7e93783e2523788a1179a6c28e8f10396fa79732a4bffed927d15efa095	f	0.1.0	postgres	2026-11-25 04:02:37.267808+00
functions/subject_id.sql	d41af4801bd2d8c48e495cbcf300ca2681bc7158acd17de74e56a6d69341fc3b	f	0.1.0	postgres	2026-11-25 04:02:37.268105+00
functions/subject_lives.sql	142ad1da761c2408b873f3a90e6c0578780f9040068c25208c56adbe1c71eed8	f	0.1.0	postgres	2026-11-25 04:02:37.268336+00
functions/subject_of.sql	9c51018472653d00d4f26fe890c189934cffe5180db4e075c24afa041fdd73a0	f	0.1.0	postgres	2026-11-25 04:02:37.268564+00
functions/table_columns.sql	a74ca54c877e2c8e7589ece11cabb69cb6f953231adb9d05eedf5e68f0cb364a	f	0.1.0	postgres	2026-11-25 04:02:37.268812+00
functions/table_lives.sql	4b3bbe58cb59fba89d2544c1d491e2083c86aee909bf023208c573f6c2b3ec44	f	0.1.0	postgres	2026-11-25 04:02:37.269086+00
functions/tracked_as.sql	04ea8d898708264c19e43ba9b2b2dda275b7095dcb5fe4214ee7e4055c347525	f	0.1.0	postgres	2026-11-25 04:02:37.26933+00
functions/unbind_restore.sql	8b49726653ffb4924afcb45e2b9201e7ddaf29b86ee856f1196d24ae61578640	f	0.1.0	postgres	2026-11-25 04:02:37.269588+00
functions/unreserved.sql	4b0ec303f64d7e0072336741f5ccf56424f818a515003229634380cd45bbd597	f	0.1.0	postgres	2026-11-25 04:02:37.269835+00
functions/value_expression.sql	d006d8bbda6c75fb7949b0aa8790f55f576c61bf9f09bbed04e078296d14293f	f	0.1.0	postgres	2026-11-25 04:02:37.270065+00
functions/verify_keyed.sql	aa776af1db521568bcb713d429997ac20aed427b061d2336a766c6b668f6d6b7	f	0.1.0	postgres	2026-11-25 04:02:37.270355+00
functions/verify_keyless.sql	2fa60981267f00da7eea707ba4a7eaf1d5ab5b15f40784c0968678477d7a38b6	f	0.1.0	postgres	2026-11-25 04:02:37.270609+00
functions/verify_table.sql	0aa38496e63d172ae35a09bb4fbff68bfa1b09e5abe8e97914318f7f951d2940	f	0.1.0	postgres	2026-11-25 04:02:37.270887+00
functions/version.sql	999f4bb8a90829751698652a8b17800e65e411da2e23c9bad9610ff07de502a8	f	0.1.0	postgres	2026-11-25 04:02:37.271114+00
functions/version_at.sql	f4ed798c2109e4d8445cd2773303bc5b17b800f8f1c79cac6f6965a17e99c9a6	f	0.1.0	postgres	2026-11-25 04:02:37.27135+00
functions/write_activity.sql	1a915beb6afc395ba5ffabe58205acf816595646659caf30000c2279459ad87d	f	0.1.0	postgres	2026-11-25 04:02:37.271607+00
\.


--
-- Data for Name: table_shape; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.table_shape (id, tracked_table_id, columns, key, created_at) FROM stdin;
1	1	{"id": {"type": "integer", "attnum": 1, "encoding": "json", "identity": false, "generated": false}, "body": {"type": "jsonb", "attnum": 3, "encoding": "jsonb", "identity": false, "generated": false}, "tags": {"type": "text[]", "attnum": 4, "encoding": "text", "identity": false, "generated": false}, "title": {"type": "text", "attnum": 2, "encoding": "json", "identity": false, "generated": false}}	{id}	2026-11-25 04:02:37.308898+00
2	2	{"words": {"type": "text", "attnum": 1, "encoding": "json", "identity": false, "generated": false}}	{}	2026-11-25 04:02:37.341237+00
3	3	{"a": {"type": "integer", "attnum": 1, "encoding": "json", "identity": false, "generated": false}, "b": {"type": "text", "attnum": 2, "encoding": "json", "identity": false, "generated": false}, "price": {"type": "numeric", "attnum": 3, "encoding": "json", "identity": false, "generated": false}}	{a,b}	2026-11-25 04:02:37.349591+00
\.


--
-- Data for Name: tracked_table; Type: TABLE DATA; Schema: pgaudit_py; Owner: -
--

COPY pgaudit_py.tracked_table (id, subject_type, schema_name, table_name, options, installed_at, installed_by, removed_at) FROM stdin;
1	posts	public	posts	{"snapshots": "changes", "truncate_rows": 100000}	2026-11-25 04:02:37.307607+00	postgres	\N
2	notes	public	notes	{"snapshots": "all", "truncate_rows": 100000}	2026-11-25 04:02:37.340693+00	postgres	\N
3	shop.items	shop	items	{"snapshots": "all", "truncate_rows": 2}	2026-11-25 04:02:37.348982+00	postgres	\N
\.


--
-- Data for Name: notes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.notes (words) FROM stdin;
c
c
\.


--
-- Data for Name: posts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.posts (id, title, body, tags, added) FROM stdin;
5	old 5	{"n": 1}	{a}	7
7	new 7	null	\N	7
9	new 9	null	\N	7
2	old 2!	{"n": 1}	{a}	7
6	new 6!	null	\N	7
8	new 8!	null	\N	7
10	new 10!	null	\N	7
100	old 4!	{"n": 1}	{a}	7
1	old 1	{"n": 1}	{a}	8
\.


--
-- Data for Name: items; Type: TABLE DATA; Schema: shop; Owner: -
--

COPY shop.items (a, b, price) FROM stdin;
1	de	3
\.


--
-- Name: activity_log_id_seq; Type: SEQUENCE SET; Schema: pgaudit_py; Owner: -
--

SELECT pg_catalog.setval('pgaudit_py.activity_log_id_seq', 27, true);


--
-- Name: table_shape_id_seq; Type: SEQUENCE SET; Schema: pgaudit_py; Owner: -
--

SELECT pg_catalog.setval('pgaudit_py.table_shape_id_seq', 3, true);


--
-- Name: tracked_table_id_seq; Type: SEQUENCE SET; Schema: pgaudit_py; Owner: -
--

SELECT pg_catalog.setval('pgaudit_py.tracked_table_id_seq', 3, true);


--
-- Name: activity_log activity_log_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log
    ADD CONSTRAINT activity_log_pkey PRIMARY KEY (id, created_at);


--
-- Name: activity_log_2026_11 activity_log_2026_11_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log_2026_11
    ADD CONSTRAINT activity_log_2026_11_pkey PRIMARY KEY (id, created_at);


--
-- Name: activity_log_2026_12 activity_log_2026_12_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log_2026_12
    ADD CONSTRAINT activity_log_2026_12_pkey PRIMARY KEY (id, created_at);


--
-- Name: activity_log_2027_01 activity_log_2027_01_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log_2027_01
    ADD CONSTRAINT activity_log_2027_01_pkey PRIMARY KEY (id, created_at);


--
-- Name: activity_log_2027_02 activity_log_2027_02_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log_2027_02
    ADD CONSTRAINT activity_log_2027_02_pkey PRIMARY KEY (id, created_at);


--
-- Name: activity_log_default activity_log_default_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.activity_log_default
    ADD CONSTRAINT activity_log_default_pkey PRIMARY KEY (id, created_at);


--
-- Name: migration migration_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);


--
-- Name: table_shape table_shape_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.table_shape
    ADD CONSTRAINT table_shape_pkey PRIMARY KEY (id);


--
-- Name: tracked_table tracked_table_pkey; Type: CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.tracked_table
    ADD CONSTRAINT tracked_table_pkey PRIMARY KEY (id);


--
-- Name: posts posts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);


--
-- Name: items items_pkey; Type: CONSTRAINT; Schema: shop; Owner: -
--

ALTER TABLE ONLY shop.items
    ADD CONSTRAINT items_pkey PRIMARY KEY (a, b);


--
-- Name: activity_log_action; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_action ON ONLY pgaudit_py.activity_log USING btree (action, created_at);


--
-- Name: activity_log_2026_11_action_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_action_created_at_idx ON pgaudit_py.activity_log_2026_11 USING btree (action, created_at);


--
-- Name: activity_log_causer; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_causer ON ONLY pgaudit_py.activity_log USING btree (causer_id, id);


--
-- Name: activity_log_2026_11_causer_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_causer_id_id_idx ON pgaudit_py.activity_log_2026_11 USING btree (causer_id, id);


--
-- Name: activity_log_created_at; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_created_at ON ONLY pgaudit_py.activity_log USING btree (created_at);


--
-- Name: activity_log_2026_11_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_created_at_idx ON pgaudit_py.activity_log_2026_11 USING btree (created_at);


--
-- Name: activity_log_previous; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_previous ON ONLY pgaudit_py.activity_log USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_2026_11_subject_type_previous_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_2026_11 USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_subject; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_subject ON ONLY pgaudit_py.activity_log USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_2026_11_subject_type_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_2026_11 USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_transaction; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_transaction ON ONLY pgaudit_py.activity_log USING btree (transaction_id);


--
-- Name: activity_log_2026_11_transaction_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_11_transaction_id_idx ON pgaudit_py.activity_log_2026_11 USING btree (transaction_id);


--
-- Name: activity_log_2026_12_action_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_action_created_at_idx ON pgaudit_py.activity_log_2026_12 USING btree (action, created_at);


--
-- Name: activity_log_2026_12_causer_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_causer_id_id_idx ON pgaudit_py.activity_log_2026_12 USING btree (causer_id, id);


--
-- Name: activity_log_2026_12_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_created_at_idx ON pgaudit_py.activity_log_2026_12 USING btree (created_at);


--
-- Name: activity_log_2026_12_subject_type_previous_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_2026_12 USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_2026_12_subject_type_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_2026_12 USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_2026_12_transaction_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2026_12_transaction_id_idx ON pgaudit_py.activity_log_2026_12 USING btree (transaction_id);


--
-- Name: activity_log_2027_01_action_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_action_created_at_idx ON pgaudit_py.activity_log_2027_01 USING btree (action, created_at);


--
-- Name: activity_log_2027_01_causer_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_causer_id_id_idx ON pgaudit_py.activity_log_2027_01 USING btree (causer_id, id);


--
-- Name: activity_log_2027_01_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_created_at_idx ON pgaudit_py.activity_log_2027_01 USING btree (created_at);


--
-- Name: activity_log_2027_01_subject_type_previous_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_2027_01 USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_2027_01_subject_type_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_2027_01 USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_2027_01_transaction_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_01_transaction_id_idx ON pgaudit_py.activity_log_2027_01 USING btree (transaction_id);


--
-- Name: activity_log_2027_02_action_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_action_created_at_idx ON pgaudit_py.activity_log_2027_02 USING btree (action, created_at);


--
-- Name: activity_log_2027_02_causer_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_causer_id_id_idx ON pgaudit_py.activity_log_2027_02 USING btree (causer_id, id);


--
-- Name: activity_log_2027_02_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_created_at_idx ON pgaudit_py.activity_log_2027_02 USING btree (created_at);


--
-- Name: activity_log_2027_02_subject_type_previous_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_2027_02 USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_2027_02_subject_type_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_2027_02 USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_2027_02_transaction_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_2027_02_transaction_id_idx ON pgaudit_py.activity_log_2027_02 USING btree (transaction_id);


--
-- Name: activity_log_default_action_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_action_created_at_idx ON pgaudit_py.activity_log_default USING btree (action, created_at);


--
-- Name: activity_log_default_causer_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_causer_id_id_idx ON pgaudit_py.activity_log_default USING btree (causer_id, id);


--
-- Name: activity_log_default_created_at_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_created_at_idx ON pgaudit_py.activity_log_default USING btree (created_at);


--
-- Name: activity_log_default_subject_type_previous_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_subject_type_previous_subject_id_id_idx ON pgaudit_py.activity_log_default USING btree (subject_type, previous_subject_id, id) WHERE (previous_subject_id IS NOT NULL);


--
-- Name: activity_log_default_subject_type_subject_id_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_subject_type_subject_id_id_idx ON pgaudit_py.activity_log_default USING btree (subject_type, subject_id, id);


--
-- Name: activity_log_default_transaction_id_idx; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX activity_log_default_transaction_id_idx ON pgaudit_py.activity_log_default USING btree (transaction_id);


--
-- Name: table_shape_tracked_table; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE INDEX table_shape_tracked_table ON pgaudit_py.table_shape USING btree (tracked_table_id, id);


--
-- Name: tracked_table_subject_type; Type: INDEX; Schema: pgaudit_py; Owner: -
--

CREATE UNIQUE INDEX tracked_table_subject_type ON pgaudit_py.tracked_table USING btree (subject_type) WHERE (removed_at IS NULL);


--
-- Name: activity_log_2026_11_action_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_2026_11_action_created_at_idx;


--
-- Name: activity_log_2026_11_causer_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_2026_11_causer_id_id_idx;


--
-- Name: activity_log_2026_11_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_2026_11_created_at_idx;


--
-- Name: activity_log_2026_11_pkey; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_2026_11_pkey;


--
-- Name: activity_log_2026_11_subject_type_previous_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_2026_11_subject_type_previous_subject_id_id_idx;


--
-- Name: activity_log_2026_11_subject_type_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_2026_11_subject_type_subject_id_id_idx;


--
-- Name: activity_log_2026_11_transaction_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_2026_11_transaction_id_idx;


--
-- Name: activity_log_2026_12_action_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_2026_12_action_created_at_idx;


--
-- Name: activity_log_2026_12_causer_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_2026_12_causer_id_id_idx;


--
-- Name: activity_log_2026_12_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_2026_12_created_at_idx;


--
-- Name: activity_log_2026_12_pkey; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_2026_12_pkey;


--
-- Name: activity_log_2026_12_subject_type_previous_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_2026_12_subject_type_previous_subject_id_id_idx;


--
-- Name: activity_log_2026_12_subject_type_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_2026_12_subject_type_subject_id_id_idx;


--
-- Name: activity_log_2026_12_transaction_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_2026_12_transaction_id_idx;


--
-- Name: activity_log_2027_01_action_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_2027_01_action_created_at_idx;


--
-- Name: activity_log_2027_01_causer_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_2027_01_causer_id_id_idx;


--
-- Name: activity_log_2027_01_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_2027_01_created_at_idx;


--
-- Name: activity_log_2027_01_pkey; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_2027_01_pkey;


--
-- Name: activity_log_2027_01_subject_type_previous_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_2027_01_subject_type_previous_subject_id_id_idx;


--
-- Name: activity_log_2027_01_subject_type_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_2027_01_subject_type_subject_id_id_idx;


--
-- Name: activity_log_2027_01_transaction_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_2027_01_transaction_id_idx;


--
-- Name: activity_log_2027_02_action_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_2027_02_action_created_at_idx;


--
-- Name: activity_log_2027_02_causer_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_2027_02_causer_id_id_idx;


--
-- Name: activity_log_2027_02_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_2027_02_created_at_idx;


--
-- Name: activity_log_2027_02_pkey; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_2027_02_pkey;


--
-- Name: activity_log_2027_02_subject_type_previous_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_2027_02_subject_type_previous_subject_id_id_idx;


--
-- Name: activity_log_2027_02_subject_type_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_2027_02_subject_type_subject_id_id_idx;


--
-- Name: activity_log_2027_02_transaction_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_2027_02_transaction_id_idx;


--
-- Name: activity_log_default_action_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_action ATTACH PARTITION pgaudit_py.activity_log_default_action_created_at_idx;


--
-- Name: activity_log_default_causer_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_causer ATTACH PARTITION pgaudit_py.activity_log_default_causer_id_id_idx;


--
-- Name: activity_log_default_created_at_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_created_at ATTACH PARTITION pgaudit_py.activity_log_default_created_at_idx;


--
-- Name: activity_log_default_pkey; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_pkey ATTACH PARTITION pgaudit_py.activity_log_default_pkey;


--
-- Name: activity_log_default_subject_type_previous_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_previous ATTACH PARTITION pgaudit_py.activity_log_default_subject_type_previous_subject_id_id_idx;


--
-- Name: activity_log_default_subject_type_subject_id_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_subject ATTACH PARTITION pgaudit_py.activity_log_default_subject_type_subject_id_id_idx;


--
-- Name: activity_log_default_transaction_id_idx; Type: INDEX ATTACH; Schema: pgaudit_py; Owner: -
--

ALTER INDEX pgaudit_py.activity_log_transaction ATTACH PARTITION pgaudit_py.activity_log_default_transaction_id_idx;


--
-- Name: activity_log append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log ENABLE ALWAYS TRIGGER append_only;


--
-- Name: activity_log_2026_11 append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_2026_11 FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_2026_11 ENABLE ALWAYS TRIGGER append_only;


--
-- Name: activity_log_2026_12 append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_2026_12 FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_2026_12 ENABLE ALWAYS TRIGGER append_only;


--
-- Name: activity_log_2027_01 append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_2027_01 FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_2027_01 ENABLE ALWAYS TRIGGER append_only;


--
-- Name: activity_log_2027_02 append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_2027_02 FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_2027_02 ENABLE ALWAYS TRIGGER append_only;


--
-- Name: activity_log_default append_only; Type: TRIGGER; Schema: pgaudit_py; Owner: -
--

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON pgaudit_py.activity_log_default FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.refuse_change();

ALTER TABLE pgaudit_py.activity_log_default ENABLE ALWAYS TRIGGER append_only;


--
-- Name: notes 00_pgaudit_py; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "00_pgaudit_py" AFTER INSERT OR DELETE OR UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_2();

ALTER TABLE public.notes ENABLE ALWAYS TRIGGER "00_pgaudit_py";


--
-- Name: posts 00_pgaudit_py; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "00_pgaudit_py" AFTER INSERT OR DELETE OR UPDATE ON public.posts FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1();

ALTER TABLE public.posts ENABLE ALWAYS TRIGGER "00_pgaudit_py";


--
-- Name: notes 00_pgaudit_py_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "00_pgaudit_py_truncate" BEFORE TRUNCATE ON public.notes FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.capture_2_truncate();

ALTER TABLE public.notes ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate";


--
-- Name: posts 00_pgaudit_py_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER "00_pgaudit_py_truncate" BEFORE TRUNCATE ON public.posts FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.capture_1_truncate();

ALTER TABLE public.posts ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate";


--
-- Name: items 00_pgaudit_py; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER "00_pgaudit_py" AFTER INSERT OR DELETE OR UPDATE ON shop.items FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_3();

ALTER TABLE shop.items ENABLE ALWAYS TRIGGER "00_pgaudit_py";


--
-- Name: items 00_pgaudit_py_truncate; Type: TRIGGER; Schema: shop; Owner: -
--

CREATE TRIGGER "00_pgaudit_py_truncate" BEFORE TRUNCATE ON shop.items FOR EACH STATEMENT EXECUTE FUNCTION pgaudit_py.capture_3_truncate();

ALTER TABLE shop.items ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate";


--
-- Name: table_shape table_shape_tracked_table_id_fkey; Type: FK CONSTRAINT; Schema: pgaudit_py; Owner: -
--

ALTER TABLE ONLY pgaudit_py.table_shape
    ADD CONSTRAINT table_shape_tracked_table_id_fkey FOREIGN KEY (tracked_table_id) REFERENCES pgaudit_py.tracked_table(id);


--
-- Name: FUNCTION activity(subject_type text, subject_id text, causer_type text, causer_id text, action text, field text, transaction_id bigint, request_id text, since timestamp with time zone, until timestamp with time zone, metadata jsonb, before bigint, max_rows integer); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.activity(subject_type text, subject_id text, causer_type text, causer_id text, action text, field text, transaction_id bigint, request_id text, since timestamp with time zone, until timestamp with time zone, metadata jsonb, before bigint, max_rows integer) FROM PUBLIC;


--
-- Name: FUNCTION advance_sequences(relation oid, state jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.advance_sequences(relation oid, state jsonb) FROM PUBLIC;


--
-- Name: FUNCTION apply_changes(state jsonb, changes jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.apply_changes(state jsonb, changes jsonb) FROM PUBLIC;


--
-- Name: FUNCTION attached_triggers(tracked_id integer); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.attached_triggers(tracked_id integer) FROM PUBLIC;


--
-- Name: FUNCTION base_type(type oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.base_type(type oid) FROM PUBLIC;


--
-- Name: FUNCTION bind_restore(marks jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.bind_restore(marks jsonb) FROM PUBLIC;


--
-- Name: FUNCTION broken_laws(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.broken_laws() FROM PUBLIC;


--
-- Name: FUNCTION capture_1(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_1() FROM PUBLIC;


--
-- Name: FUNCTION capture_1_truncate(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_1_truncate() FROM PUBLIC;


--
-- Name: FUNCTION capture_2(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_2() FROM PUBLIC;


--
-- Name: FUNCTION capture_2_truncate(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_2_truncate() FROM PUBLIC;


--
-- Name: FUNCTION capture_3(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_3() FROM PUBLIC;


--
-- Name: FUNCTION capture_3_truncate(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_3_truncate() FROM PUBLIC;


--
-- Name: FUNCTION capture_slowly(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, key smallint[], shape_id integer, fingerprint text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_slowly(relation oid, tg_op text, old_row record, new_row record, old_tid tid, new_tid tid, subject_type text, key smallint[], shape_id integer, fingerprint text) FROM PUBLIC;


--
-- Name: FUNCTION capture_truncated(relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.capture_truncated(relation oid, subject_type text, key smallint[], shape_id integer, fingerprint text, row_limit bigint) FROM PUBLIC;


--
-- Name: FUNCTION catalog_columns(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.catalog_columns(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION chains(before integer[], OUT number integer, OUT head integer, OUT depth integer); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.chains(before integer[], OUT number integer, OUT head integer, OUT depth integer) FROM PUBLIC;


--
-- Name: FUNCTION check_shape(relation oid, fingerprint text, setting text, token text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.check_shape(relation oid, fingerprint text, setting text, token text) FROM PUBLIC;


--
-- Name: FUNCTION clear_actor(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.clear_actor() FROM PUBLIC;


--
-- Name: FUNCTION context(OUT action text, OUT causer_type text, OUT causer_id text, OUT ip inet, OUT user_agent text, OUT request_id text, OUT metadata jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.context(OUT action text, OUT causer_type text, OUT causer_id text, OUT ip inet, OUT user_agent text, OUT request_id text, OUT metadata jsonb) FROM PUBLIC;


--
-- Name: FUNCTION current_key(activity_id bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.current_key(activity_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION decode_row(INOUT row_type anyelement, state jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.decode_row(INOUT row_type anyelement, state jsonb) FROM PUBLIC;


--
-- Name: FUNCTION diff(from_version bigint, to_version bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.diff(from_version bigint, to_version bigint) FROM PUBLIC;


--
-- Name: FUNCTION diff_states(old_state jsonb, new_state jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.diff_states(old_state jsonb, new_state jsonb) FROM PUBLIC;


--
-- Name: FUNCTION encoding_of(type oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.encoding_of(type oid) FROM PUBLIC;


--
-- Name: FUNCTION ensure_partitions(months integer); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.ensure_partitions(months integer) FROM PUBLIC;


--
-- Name: FUNCTION facts(operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb, OUT column_number smallint, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.facts(operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb, OUT column_number smallint, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text) FROM PUBLIC;


--
-- Name: FUNCTION find_relation(name text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.find_relation(name text) FROM PUBLIC;


--
-- Name: FUNCTION find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.find_tracked(name text, OUT id integer, OUT subject_type text, OUT relation bigint) FROM PUBLIC;


--
-- Name: FUNCTION fingerprint(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.fingerprint(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION guard_log(relation regclass); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.guard_log(relation regclass) FROM PUBLIC;


--
-- Name: FUNCTION happened_by(of_activity bigint, made_at timestamp with time zone, at timestamp with time zone); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.happened_by(of_activity bigint, made_at timestamp with time zone, at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION has_drifted(relation oid, fingerprint text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.has_drifted(relation oid, fingerprint text) FROM PUBLIC;


--
-- Name: FUNCTION history(subject_type text, subject_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.history(subject_type text, subject_id text) FROM PUBLIC;


--
-- Name: FUNCTION inspect_table(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.inspect_table(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION invert_changes(changes jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.invert_changes(changes jsonb) FROM PUBLIC;


--
-- Name: FUNCTION key_condition(relation oid, key text[], alias text, subject_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.key_condition(relation oid, key text[], alias text, subject_id text) FROM PUBLIC;


--
-- Name: FUNCTION key_values(subject_id text, width integer); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.key_values(subject_id text, width integer) FROM PUBLIC;


--
-- Name: FUNCTION life(activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.life(activity_id bigint, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION live_row(relation oid, subject_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.live_row(relation oid, subject_id text) FROM PUBLIC;


--
-- Name: FUNCTION live_rows(relation oid, key smallint[], OUT subject_id text, OUT state jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.live_rows(relation oid, key smallint[], OUT subject_id text, OUT state jsonb) FROM PUBLIC;


--
-- Name: FUNCTION live_subject(relation oid, key text[], subject_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.live_subject(relation oid, key text[], subject_id text) FROM PUBLIC;


--
-- Name: FUNCTION live_table(subject_type text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.live_table(subject_type text) FROM PUBLIC;


--
-- Name: FUNCTION lives(of_type text, of_slot text, of_activity bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.lives(of_type text, of_slot text, of_activity bigint) FROM PUBLIC;


--
-- Name: FUNCTION lock_row(subject_type text, current_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.lock_row(subject_type text, current_id text) FROM PUBLIC;


--
-- Name: FUNCTION log(action text, subject_type text, subject_id text, metadata jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.log(action text, subject_type text, subject_id text, metadata jsonb) FROM PUBLIC;


--
-- Name: FUNCTION parse_metadata(given text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.parse_metadata(given text) FROM PUBLIC;


--
-- Name: FUNCTION plan_restore(subject_type text, current_id text, target jsonb, target_columns jsonb, unknown text[], OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb, OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.plan_restore(subject_type text, current_id text, target jsonb, target_columns jsonb, unknown text[], OUT schema_name text, OUT table_name text, OUT key text[], OUT columns text[], OUT operation text, OUT wanted jsonb, OUT current jsonb, OUT changes jsonb, OUT left_out jsonb, OUT conflict text, OUT proof text) FROM PUBLIC;


--
-- Name: FUNCTION present_columns(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.present_columns(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION record_at(subject_type text, subject_id text, at timestamp with time zone); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.record_at(subject_type text, subject_id text, at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION record_state_at(subject_type text, subject_id text, at timestamp with time zone, OUT state jsonb, OUT columns jsonb, OUT unknown text[], OUT base bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.record_state_at(subject_type text, subject_id text, at timestamp with time zone, OUT state jsonb, OUT columns jsonb, OUT unknown text[], OUT base bigint) FROM PUBLIC;


--
-- Name: FUNCTION record_versions(subject_type text, subject_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.record_versions(subject_type text, subject_id text) FROM PUBLIC;


--
-- Name: FUNCTION refuse_change(); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.refuse_change() FROM PUBLIC;


--
-- Name: FUNCTION resident_at(of_type text, of_slot text, at timestamp with time zone, OUT known boolean, OUT id bigint, OUT happened boolean); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.resident_at(of_type text, of_slot text, at timestamp with time zone, OUT known boolean, OUT id bigint, OUT happened boolean) FROM PUBLIC;


--
-- Name: FUNCTION restore_to_time(of_type text, of_key text, at timestamp with time zone); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.restore_to_time(of_type text, of_key text, at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION restore_to_version(activity_id bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.restore_to_version(activity_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION restored_otherwise(subject_type text, wanted jsonb, columns text[], key text[], previous_id text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.restored_otherwise(subject_type text, wanted jsonb, columns text[], key text[], previous_id text) FROM PUBLIC;


--
-- Name: FUNCTION revoke_from_others(objects oid[]); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.revoke_from_others(objects oid[]) FROM PUBLIC;


--
-- Name: FUNCTION row_state(columns jsonb, source record, OUT state jsonb, OUT omitted jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.row_state(columns jsonb, source record, OUT state jsonb, OUT omitted jsonb) FROM PUBLIC;


--
-- Name: FUNCTION set_actor(causer_id text, causer_type text, ip text, user_agent text, request_id text, metadata jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.set_actor(causer_id text, causer_type text, ip text, user_agent text, request_id text, metadata jsonb) FROM PUBLIC;


--
-- Name: FUNCTION settings_of(type oid, as_text boolean); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.settings_of(type oid, as_text boolean) FROM PUBLIC;


--
-- Name: FUNCTION shape_of(shape_id integer, metadata jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.shape_of(shape_id integer, metadata jsonb) FROM PUBLIC;


--
-- Name: FUNCTION shape_token(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.shape_token(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION slot_changes(of_type text, of_slot text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.slot_changes(of_type text, of_slot text) FROM PUBLIC;


--
-- Name: FUNCTION slot_stays(of_type text, of_slot text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.slot_stays(of_type text, of_slot text) FROM PUBLIC;


--
-- Name: FUNCTION state_at(ids bigint[], times timestamp with time zone[], happened integer, OUT state jsonb, OUT unknown text[], OUT columns jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.state_at(ids bigint[], times timestamp with time zone[], happened integer, OUT state jsonb, OUT unknown text[], OUT columns jsonb) FROM PUBLIC;


--
-- Name: FUNCTION state_expression(columns jsonb, source text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.state_expression(columns jsonb, source text) FROM PUBLIC;


--
-- Name: FUNCTION stays(of_type text, of_slot text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.stays(of_type text, of_slot text) FROM PUBLIC;


--
-- Name: FUNCTION subject_id(subject_type text, key text[]); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.subject_id(subject_type text, key text[]) FROM PUBLIC;


--
-- Name: FUNCTION subject_lives(subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.subject_lives(subject_type text, subject_id text, OUT life integer, OUT ordinal integer, OUT id bigint, OUT created_at timestamp with time zone) FROM PUBLIC;


--
-- Name: FUNCTION subject_of(columns jsonb, key smallint[], source record); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.subject_of(columns jsonb, key smallint[], source record) FROM PUBLIC;


--
-- Name: FUNCTION table_columns(relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.table_columns(relation oid) FROM PUBLIC;


--
-- Name: FUNCTION table_lives(subject_type text, OUT life bigint, OUT ordinal bigint, OUT id bigint, OUT created_at timestamp with time zone, OUT ended boolean); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.table_lives(subject_type text, OUT life bigint, OUT ordinal bigint, OUT id bigint, OUT created_at timestamp with time zone, OUT ended boolean) FROM PUBLIC;


--
-- Name: FUNCTION tracked_as(name text, relation oid, OUT id integer, OUT subject_type text, OUT live bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.tracked_as(name text, relation oid, OUT id integer, OUT subject_type text, OUT live bigint) FROM PUBLIC;


--
-- Name: FUNCTION unbind_restore(before jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.unbind_restore(before jsonb) FROM PUBLIC;


--
-- Name: FUNCTION unreserved(metadata jsonb); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.unreserved(metadata jsonb) FROM PUBLIC;


--
-- Name: FUNCTION value_expression(encoding text, value text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.value_expression(encoding text, value text) FROM PUBLIC;


--
-- Name: FUNCTION verify_keyed(subject_type text, relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.verify_keyed(subject_type text, relation oid) FROM PUBLIC;


--
-- Name: FUNCTION verify_keyless(subject_type text, relation oid); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.verify_keyless(subject_type text, relation oid) FROM PUBLIC;


--
-- Name: FUNCTION verify_table(subject_type text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.verify_table(subject_type text) FROM PUBLIC;


--
-- Name: FUNCTION version(activity_id bigint); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.version(activity_id bigint) FROM PUBLIC;


--
-- Name: FUNCTION version_at(activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown text[]); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.version_at(activity_id bigint, OUT state jsonb, OUT columns jsonb, OUT unknown text[]) FROM PUBLIC;


--
-- Name: FUNCTION write_activity(operation "char", subject_type text, subject_id text, previous_subject_id text, old_tid tid, new_tid tid, changes jsonb, snapshot jsonb, omitted jsonb, shape_id integer, marks jsonb, action text); Type: ACL; Schema: pgaudit_py; Owner: -
--

REVOKE ALL ON FUNCTION pgaudit_py.write_activity(operation "char", subject_type text, subject_id text, previous_subject_id text, old_tid tid, new_tid tid, changes jsonb, snapshot jsonb, omitted jsonb, shape_id integer, marks jsonb, action text) FROM PUBLIC;


--
-- PostgreSQL database dump complete
--


