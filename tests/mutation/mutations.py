"""What is taken away, where, and which tests should notice. An old text that is not there exactly once is an error."""

from __future__ import annotations

from dataclasses import dataclass

CAPTURE = "templates/sql/capture.sql.j2"
INSTALL = "templates/sql/install.sql.j2"
VALUES = "templates/sql/values.sql.j2"
TRUNCATE = "templates/sql/capture_truncate.sql.j2"


def function(name: str) -> str:
    return f"sql/functions/{name}.sql"


SETTINGS = "clauses capture::test_empty_settings_say_nothing capture::test_what_every_activity_says"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One clause that is taken away."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    """Files of tests/integration without test_ and .py, or capture::test_upserts of one; apart by blanks."""


MUTATIONS: tuple[Mutation, ...] = (
    # --- who runs it, and under which settings ---
    Mutation("capture: SECURITY DEFINER", INSTALL, '{{ function | ident }}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\n    SET search_path = pg_catalog, pg_temp{%', '{{ function | ident }}() RETURNS trigger LANGUAGE plpgsql\n    SET search_path = pg_catalog, pg_temp{%', "security::test_every_write_is_recorded_without_a_grant"),
    Mutation("capture: search_path", INSTALL, "    SET search_path = pg_catalog, pg_temp{% for", "    {% for", "security::test_the_lint"),
    Mutation("capture: pg_temp last", INSTALL, "    SET search_path = pg_catalog, pg_temp{% for", "    SET search_path = pg_catalog{% for", "security::test_the_lint"),
    Mutation("capture: settings of the types", INSTALL, "{% for name, value in settings.items() %} SET {{ name | ident }} = {{ value | literal }}{% endfor %}", "", "types::test_types_under_any_settings"),
    Mutation("truncate: SECURITY DEFINER", INSTALL, '{{ truncate_function | ident }}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER', '{{ truncate_function | ident }}() RETURNS trigger LANGUAGE plpgsql', "security::test_every_write_is_recorded_without_a_grant"),
    Mutation("truncate: search_path", INSTALL, "SECURITY DEFINER\n    SET search_path = pg_catalog, pg_temp\nAS {{ truncate_body", "SECURITY DEFINER\nAS {{ truncate_body", "security::test_the_lint"),
    Mutation("shape: search_path", INSTALL, "IMMUTABLE\n    SET search_path = pg_catalog, pg_temp\nAS {{ shape_body", "IMMUTABLE\nAS {{ shape_body", "security::test_reading_under_a_hostile_search_path"),
    Mutation("capture: the log's owner owns it", INSTALL, "ALTER FUNCTION pgaudit_py.{{ function | ident }}() OWNER TO {{ table.definer | ident }};\n", "", "install::test_capture_runs_as_the_owner_of_the_log_whoever_installs"),
    Mutation("truncate: the log's owner owns it", INSTALL, "ALTER FUNCTION pgaudit_py.{{ truncate_function | ident }}() OWNER TO {{ table.definer | ident }};\n", "", "install::test_capture_runs_as_the_owner_of_the_log_whoever_installs"),
    Mutation("shape: the log's owner owns it", INSTALL, "ALTER FUNCTION pgaudit_py.{{ shape_function | ident }}() OWNER TO {{ table.definer | ident }};\n", "", "ownership::test_a_superuser_makes_it"),
    Mutation("capture: not for others", INSTALL, '{{ ("pgaudit_py." ~ function ~ "()") | literal }}::pg_catalog.regprocedure, ', "", "security::test_nothing_else_is_allowed"),
    Mutation("truncate: not for others", INSTALL, ', {{ ("pgaudit_py." ~ truncate_function ~ "()") | literal }}::pg_catalog.regprocedure', "", "security::test_nothing_else_is_allowed"),
    Mutation("shape: not for others", INSTALL, '::pg_catalog.regprocedure,\n    {{ ("pgaudit_py." ~ shape_function ~ "()") | literal }}::pg_catalog.regprocedure\n', "::pg_catalog.regprocedure\n", "security::test_nothing_else_is_allowed"),
    Mutation("others: functions", function("revoke_from_others"), "WHERE p.oid = ANY (objects) AND a.grantee <> p.proowner", "WHERE false", "security::test_nothing_else_is_allowed"),
    Mutation("others: tables", function("revoke_from_others"), "WHERE c.oid = ANY (objects) AND a.grantee <> c.relowner", "WHERE false", "install::test_default_privileges_open_nothing"),
    Mutation("others: what PUBLIC has unasked", function("revoke_from_others"), "coalesce(p.proacl, acldefault('f', p.proowner))", "p.proacl", "security::test_nothing_else_is_allowed"),
    # --- the triggers ---
    Mutation("trigger: its name sorts first", INSTALL, 'TRIGGER "00_pgaudit_py" AFTER INSERT OR UPDATE OR DELETE', 'TRIGGER "zz_pgaudit_py" AFTER INSERT OR UPDATE OR DELETE', "capture::test_a_trigger_that_updates_the_same_row"),
    Mutation("trigger: ALWAYS", INSTALL, 'ALTER TABLE {{ target }} ENABLE ALWAYS TRIGGER "00_pgaudit_py";\n', "", "capture::test_a_replica_session_is_recorded"),
    Mutation("truncate trigger: ALWAYS", INSTALL, 'ALTER TABLE {{ target }} ENABLE ALWAYS TRIGGER "00_pgaudit_py_truncate";\n', "", "capture::test_a_replica_session_is_recorded"),
    Mutation("log: ALWAYS append-only", function("guard_log"), "EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only', relation);", "NULL;", "attacks::test_the_log_and_each_of_its_partitions_is_append_only"),
    Mutation("log: no TRUNCATE", function("guard_log"), "UPDATE OR DELETE OR TRUNCATE ON", "UPDATE OR DELETE ON", "attacks::test_the_log_and_each_of_its_partitions_is_append_only"),
    Mutation("log: no DELETE", function("guard_log"), "BEFORE UPDATE OR DELETE OR TRUNCATE", "BEFORE UPDATE OR TRUNCATE", "attacks::test_the_log_and_each_of_its_partitions_is_append_only"),
    # --- an altered table ---
    Mutation("token: asked for this table only", CAPTURE, "CASE WHEN TG_RELID = {{ oid }} THEN pgaudit_py.shape_token({{ oid }}) END", "pgaudit_py.shape_token({{ oid }})", "drift::test_a_database_restored_from_a_dump"),
    Mutation("token: compared", CAPTURE, "usual boolean := current_setting({{ setting | literal }}, true) = token;", "usual boolean := current_setting({{ setting | literal }}, true) <> '';", "drift::test_an_alteration"),
    Mutation("token: checked where it is another", CAPTURE, "usual := pgaudit_py.check_shape(TG_RELID, {{ fingerprint | literal }}, {{ setting | literal }}, token);", "usual := true;", "drift::test_an_alteration"),
    Mutation("token: not remembered where there is none", function("check_shape"), "IF token IS NOT NULL THEN", "IF true THEN", "drift::test_what_a_session_found_outlasts_our_trigger_on_another_table"),
    Mutation("token: drift is not remembered", function("check_shape"), "        RETURN false;\n", "        NULL;\n", "drift::test_an_alteration"),
    Mutation("drift: an old snapshot", function("has_drifted"), "IN ('repeatable read', 'serializable')", "IN ('none')", "drift::test_a_snapshot_older_than_the_alteration"),
    Mutation("drift: serializable too", function("has_drifted"), "IN ('repeatable read', 'serializable')", "IN ('repeatable read')", "drift::test_a_snapshot_older_than_the_alteration"),
    Mutation("inner block", CAPTURE, "        EXCEPTION WHEN OTHERS THEN\n            -- A column of another type or none, a value too large, an address that is none.\n            usual := false;\n", "", "capture::test_an_address_that_is_none"),
    Mutation("slow way: what it says of the columns", function("record_change"), "THEN jsonb_build_object('_drift', columns) ELSE '{}' END\n", "THEN '{}'::jsonb ELSE '{}' END\n", "drift::test_an_alteration"),
    Mutation("slow way: no shape where the table drifted", function("record_change"), "CASE WHEN NOT marks ? '_drift' THEN (shape -> 'id')::integer END", "(shape -> 'id')::integer", "drift::test_an_alteration"),
    Mutation("slow way: redacted", function("record_change"), "redacted := pgaudit_py.redacted_changes(columns, old_row, new_row);", "redacted := NULL;", "options::test_redacted_too_where_the_table_was_altered"),
    Mutation("slow way: a value that cannot be read", function("row_state"), "        EXCEPTION WHEN OTHERS THEN\n            omitted :=", "        EXCEPTION WHEN division_by_zero THEN\n            omitted :=", "baseline::test_a_value_too_large_for_the_log"),
    Mutation("slow way: a row that cannot be read", function("row_state"), "    EXCEPTION WHEN OTHERS THEN\n        state := '{}';", "    EXCEPTION WHEN division_by_zero THEN\n        state := '{}';", "baseline::test_a_value_too_large_for_the_log"),
    Mutation("slow way: DateStyle", function("record_change"), """ SET "DateStyle" = 'ISO, YMD'""", "", "clauses::test_the_slow_way_writes_values_as_the_fast_one_does"),
    Mutation("slow way: IntervalStyle", function("record_change"), ' SET "IntervalStyle" = postgres', "", "clauses::test_the_slow_way_writes_values_as_the_fast_one_does"),
    Mutation("slow way: extra_float_digits", function("record_change"), "SET extra_float_digits = 1 ", "", "clauses::test_the_slow_way_writes_values_as_the_fast_one_does"),
    Mutation("slow way: bytea_output", function("record_change"), "SET bytea_output = hex ", "", "clauses::test_the_slow_way_writes_values_as_the_fast_one_does"),
    Mutation("slow way: TimeZone", function("record_change"), """SET "TimeZone" = 'UTC' """, "", "clauses::test_the_slow_way_writes_values_as_the_fast_one_does"),
    # --- values ---
    Mutation("values: a row of NULLs is no NULL", VALUES, "CASE WHEN num_nulls({{ field(row, column) }}) = 0 THEN format('%s', {{ field(row, column) }}) END", "CASE WHEN {{ field(row, column) }} IS NOT NULL THEN format('%s', {{ field(row, column) }}) END", "types::test_a_type_is_exact"),
    Mutation("values: NULL is no text", VALUES, "CASE WHEN num_nulls({{ field(row, column) }}) = 0 THEN format('%s', {{ field(row, column) }}) END", "format('%s', {{ field(row, column) }})", "types::test_a_type_is_exact"),
    Mutation("values: -0", VALUES, "CASE WHEN {{ field(row, column) }} = 0 AND format('%s', {{ field(row, column) }}) = '-0' THEN '\"-0\"' ELSE to_jsonb({{ field(row, column) }}) END", "to_jsonb({{ field(row, column) }})", "types::test_a_type_is_exact"),
    Mutation("values: bytes, not equality", VALUES, "record_image_ne(ROW({{ field(\"old\", column) }}), ROW({{ field(\"new\", column) }}))\n", "{{ field(\"old\", column) }} IS DISTINCT FROM {{ field(\"new\", column) }}\n", "types::test_a_type_is_exact"),
    Mutation("values: an address that both lack", VALUES, ") IS NOT TRUE AND {% endif", ") AND {% endif", "clauses::test_a_large_value_that_becomes_another_one"),
    Mutation("values: addresses are compared", VALUES, "(pg_column_toast_chunk_id({{ field(\"old\", column) }}) = pg_column_toast_chunk_id({{ field(\"new\", column) }})) IS NOT TRUE", "pg_column_toast_chunk_id({{ field(\"old\", column) }}) IS NULL", "clauses::test_a_large_value_that_becomes_another_one"),
    Mutation("values: null and NULL in changes", VALUES, "CASE WHEN {{ field(\"old\", column) }} IS NULL THEN '{}' ELSE jsonb_build_object('old', {{ cut(\"old\", column) }}) END || CASE", "jsonb_build_object('old', {{ cut(\"old\", column) }}) || CASE", "types::test_null_and_null"),
    Mutation("values: null and NULL in rows", VALUES, "CASE WHEN {{ field(row, column) }} IS NULL THEN '{}' ELSE jsonb_build_object({{ column.name | literal }}, {{ cut(row, column) }}) END", "jsonb_build_object({{ column.name | literal }}, {{ cut(row, column) }})", "types::test_null_and_null"),
    Mutation("values: 100 arguments", VALUES, "| batch(50)", "| batch(2000)", "clauses::test_a_table_of_more_columns_than_a_function_has_arguments"),
    Mutation("redacted: what is kept of a document", VALUES, "{% for path in column.paths %}pgaudit_py.without_path({% endfor %}{{ field(row, column) }}{% for path in column.paths %}, {{ path | list | literal }}::text[]){% endfor %}", "{{ field(row, column) }}", "options::test_a_part_of_a_document"),
    Mutation("redacted: columns are not in rows", VALUES, "{%- for some in columns | rejectattr(\"redacted\") | rejectattr", "{%- for some in columns | rejectattr", "options::test_a_redacted_value_is_told_nowhere"),
    Mutation("redacted: that it changed is kept", CAPTURE, "IF v_changes = '{}'{% if table.omitted %} AND v_omitted IS NULL{% endif %} THEN", "IF v_changes = '{}' THEN", "options::test_of_a_redacted_column_only_that_it_changed_is_kept"),
    # --- which row, and in which order ---
    Mutation("order: where the row was", CAPTURE, "v_previous, OLD.ctid, NEW.ctid,", "v_previous, NULL, NEW.ctid,", "histories::test_whatever_happened_beside_a_trigger_that_touches_siblings"),
    Mutation("order: where the row is", CAPTURE, "v_previous, OLD.ctid, NEW.ctid,", "v_previous, OLD.ctid, NULL,", "histories::test_whatever_happened_beside_a_trigger_that_touches_siblings"),
    Mutation("order: on the slow way", CAPTURE, "OLD, NEW, OLD.ctid, NEW.ctid,", "OLD, NEW, NULL, NULL,", "clauses::test_an_altered_table_with_a_trigger_that_touches_siblings"),
    Mutation("key: the one before", CAPTURE, "v_previous := nullif({{ v.subject(\"old\", table.key_columns) }} COLLATE \"C\", v_subject);", "NULL;", "capture::test_keys_that_move"),
    Mutation("key: other bytes, same text", CAPTURE, "nullif({{ v.subject(\"old\", table.key_columns) }} COLLATE \"C\", v_subject)", "{{ v.subject(\"old\", table.key_columns) }}", "capture::test_a_key_whose_bytes_change_and_whose_text_does_not"),
    Mutation("key: too long for an index", CAPTURE, "usual := coalesce(octet_length(v_subject), 0) <= 2000 AND coalesce(octet_length(v_previous), 0) <= 2000;", "NULL;", "capture::test_a_key_that_no_index_of_the_log_could_hold"),
    Mutation("key: the one before is too long", CAPTURE, " AND coalesce(octet_length(v_previous), 0) <= 2000;", ";", "capture::test_a_key_that_no_index_of_the_log_could_hold"),
    Mutation("key: bytes, not characters", CAPTURE, "coalesce(octet_length(v_subject), 0) <= 2000", "coalesce(length(v_subject), 0) <= 2000", "clauses::test_a_key_too_long_in_bytes_alone"),
    Mutation("key: too long, on the slow way", function("record_change"), "IF octet_length(subject_id) > 2000 OR octet_length(previous_subject_id) > 2000 THEN", "IF false THEN", "capture::test_a_key_that_no_index_of_the_log_could_hold"),
    Mutation("key: too long, in a TRUNCATE", function("record_emptying"), "CASE WHEN octet_length(r.subject_id) <= 2000 THEN r.subject_id END", "r.subject_id", "clauses::test_a_truncate_of_keys_that_no_index_could_hold"),
    Mutation("nothing changed", CAPTURE, "                    RETURN NULL;\n                END IF;\n                v_subject", "                END IF;\n                v_subject", "capture::test_one_entry_a_row"),
    Mutation("nothing changed, on the slow way", function("record_change"), """        IF changes = '{}' AND redacted IS NULL AND NOT coalesce(omitted @? '$.* ? (@.why == "error")', false) THEN\n            RETURN;\n        END IF;\n""", "", "clauses::test_nothing_changed_on_the_slow_way"),
    # --- who is acting ---
    Mutation("who: the stamp, on the fast way", CAPTURE, "IF current_setting('pgaudit_py.stamp', true) = extract(epoch FROM now())::text THEN", "IF current_setting('pgaudit_py.stamp', true) <> '' THEN", "capture::test_a_value_that_leaked_is_ignored_and_marked"),
    Mutation("who: the stamp", function("context"), "IF stamp <> '' AND stamp <> extract(epoch FROM now())::text THEN", "IF false THEN", "capture::test_a_value_that_leaked_is_ignored_and_marked"),
    Mutation("who: said without a stamp", function("context"), "metadata := coalesce(metadata, '{}') || '{\"_bare\": true}';", "NULL;", "capture::test_garbage_in_a_setting"),
    Mutation("who: a stamp must be of this transaction to be required", function("require_causer"), "IF current_setting('pgaudit_py.stamp', true) IS DISTINCT FROM extract(epoch FROM now())::text\n            OR", "IF", "options::test_a_write_of_an_unknown_causer_is_refused"),
    Mutation("who: required", function("require_causer"), "OR coalesce(current_setting('pgaudit_py.causer_id', true), '') = '' THEN", "THEN", "options::test_a_write_of_an_unknown_causer_is_refused"),
    Mutation("who: required of a TRUNCATE", TRUNCATE, "    PERFORM pgaudit_py.require_causer({{ table.subject_type | literal }});\n", "", "options::test_a_write_of_an_unknown_causer_is_refused"),
    *(Mutation(f"who: {name} cut at 512, on the fast way", CAPTURE, f"left(current_setting('pgaudit_py.{name}', true), 512)", f"current_setting('pgaudit_py.{name}', true)", SETTINGS) for name in ("action", "causer_type", "causer_id", "user_agent", "request_id")),
    *(Mutation(f"who: {name} cut at 512", function("context"), f"left(current_setting('pgaudit_py.{name}', true), 512)", f"current_setting('pgaudit_py.{name}', true)", SETTINGS) for name in ("action", "causer_type", "causer_id", "user_agent", "request_id", "ip")),
    *(Mutation(f"who: no {name} is NULL, on the fast way", CAPTURE, f"nullif(left(current_setting('pgaudit_py.{name}', true), 512), '')", f"left(current_setting('pgaudit_py.{name}', true), 512)", SETTINGS) for name in ("action", "causer_type", "causer_id", "user_agent", "request_id")),
    *(Mutation(f"who: no {name} is NULL", function("context"), f"nullif(left(current_setting('pgaudit_py.{name}', true), 512), '')", f"left(current_setting('pgaudit_py.{name}', true), 512)", SETTINGS) for name in ("action", "causer_type", "causer_id", "user_agent", "request_id", "ip")),
    Mutation("who: no address is NULL, on the fast way", CAPTURE, "nullif(left(current_setting('pgaudit_py.ip', true), 512), '')::inet", "left(current_setting('pgaudit_py.ip', true), 512)::inet", "clauses::test_an_actor_without_an_address_is_read_on_the_fast_way"),
    Mutation("who: no metadata is NULL, on the fast way", CAPTURE, "nullif(current_setting('pgaudit_py.metadata', true), '')", "current_setting('pgaudit_py.metadata', true)", "clauses::test_an_actor_without_an_address_is_read_on_the_fast_way"),
    Mutation("who: no metadata is NULL", function("context"), "nullif(current_setting('pgaudit_py.metadata', true), '')", "current_setting('pgaudit_py.metadata', true)", "capture::test_empty_settings_say_nothing"),
    Mutation("who: an address that is none", function("context"), "        EXCEPTION WHEN OTHERS THEN\n            metadata := coalesce", "        EXCEPTION WHEN division_by_zero THEN\n            metadata := coalesce", "capture::test_an_address_that_is_none"),
    Mutation("who: metadata of 8 kB", function("parse_metadata"), "octet_length(given) <= 8192 AND ", "", "clauses::test_metadata_that_cannot_be_kept_as_such"),
    Mutation("who: metadata that is an object", function("parse_metadata"), " AND jsonb_typeof(given::jsonb) = 'object'", "", "capture::test_metadata_that_is_no_object"),
    Mutation("who: metadata that is no JSON", function("parse_metadata"), "EXCEPTION WHEN OTHERS THEN", "EXCEPTION WHEN division_by_zero THEN", "clauses::test_metadata_that_cannot_be_kept_as_such"),
    Mutation("who: names of the triggers' own", function("parse_metadata"), " - '{_after,_altered,_departed,_drift,_key,_label,_leaf,_partition,_rows,_rows_over}'::text[]", "", "capture::test_only_triggers_say_what_only_triggers_know"),
    Mutation("who: garbage cut at 512", function("parse_metadata"), "    END IF;\n    RETURN jsonb_build_object('_invalid', left(given, 512));", "    END IF;\n    RETURN jsonb_build_object('_invalid', given);", "capture::test_metadata_that_is_no_object capture::test_garbage_in_a_setting"),
    Mutation("who: broken garbage cut at 512", function("parse_metadata"), "OTHERS THEN\n    RETURN jsonb_build_object('_invalid', left(given, 512));", "OTHERS THEN\n    RETURN jsonb_build_object('_invalid', given);", "clauses::test_metadata_that_cannot_be_kept_as_such"),
    # --- TRUNCATE ---
    Mutation("truncate: counting stops", function("record_emptying"), "'SELECT count(*) FROM (SELECT FROM %s LIMIT %s) AS counted', pgaudit_py.rows_of(relation), row_limit + 1)", "'SELECT count(*) FROM %s', pgaudit_py.rows_of(relation))", "capture::test_counting_stops_at_the_limit"),
    Mutation("truncate: hidden rows are not counted", function("record_emptying"), "IF NOT row_security_active(relation) AND", "IF", "ownership::test_under_row_security_the_number_stays_unknown security::test_forced_row_security_binds_the_owner_and_not_the_trail"),
    Mutation("truncate: a log that takes no rows", function("record_emptying"), "        IF pgaudit_py.can_read_rows(root, key, columns, leaf) THEN\n            RAISE;\n        END IF;\n", "        NULL;\n", "failing_writes::test_a_truncate_loses_no_rows_because_the_log_refused_them"),
    Mutation("truncate: rows that cannot be read", function("record_emptying"), "    EXCEPTION WHEN OTHERS THEN\n        -- A row", "    EXCEPTION WHEN division_by_zero THEN\n        -- A row", "ownership::test_a_truncate_of_rows_that_the_owner_of_the_log_may_no_longer_read"),
    Mutation("truncate: an altered table", function("record_emptying"), "        shape_id := NULL;\n        marks := marks || jsonb_build_object('_drift', columns);\n", "        NULL;\n", "clauses::test_a_truncate_of_an_altered_table_says_of_what_columns"),
    Mutation("truncate: says that it kept no rows", function("record_emptying"), "    IF NOT kept THEN\n", "    IF false THEN\n", "capture::test_truncate_of_many_rows_tells_their_number"),
    Mutation("truncate: a partition that left", function("record_truncation"), "        RETURN;  -- a partition that was detached", "        NULL;  -- a partition that was detached", "partitions::test_a_detached_tree_kills_nobody"),
    Mutation("truncate: once", function("record_truncation"), "WHERE below.level > 0)", "WHERE false)", "partitions::test_truncate_of_the_root_and_of_a_leaf"),
    # --- partitions ---
    Mutation("partition: which one, on the fast way", CAPTURE, "coalesce(v_metadata, '{}') || jsonb_build_object('_partition', TG_RELID::regclass, '_leaf', TG_RELID::bigint)", "v_metadata", "partitions::test_each_way_into_a_partition_is_recorded_once"),
    Mutation("partition: which one", function("place_of"), "CASE WHEN relation = root THEN '{}' ELSE", "CASE WHEN true THEN '{}' ELSE", "partitions::test_truncate_of_the_root_and_of_a_leaf"),
    Mutation("partition: its own TRUNCATE", INSTALL, '{% for partition in table.partitions %}', "{% for partition in [] %}", "partitions::test_truncate_of_the_root_and_of_a_leaf"),
    Mutation("partition: by whoever owns the table", INSTALL, "GRANT EXECUTE ON FUNCTION pgaudit_py.{{ function | ident }}() TO {{ table.owner | ident }};\n", "", "partitions::test_the_owner_of_a_table_creates_its_partitions"),
    # --- snapshots ---
    Mutation("snapshot: only snapshot() may call it", function("snapshot_held"), "callers[2], split_part(callers[1], 'pgaudit_py.snapshot_held(', 1) || 'pgaudit_py.snapshot(text,text,text) '), false) THEN", "'', ''), false) THEN", "snapshots::test_the_part_that_writes_cannot_be_called"),
    Mutation("snapshot: policies are not run", function("record_state"), " SET row_security = off", "", "snapshots"),
)  # fmt: skip
