-- Say for which role of the audit trail each of our functions is. A new function is written down here, once.
--
-- Result: function_name; class: app, reader or restorer, for those who were granted that; common, for all three of
-- them, since each needs it; internal, for the owner and the capture functions alone. A function that runs with its
-- caller's rights needs those that it calls to be granted as well.
CREATE OR REPLACE FUNCTION pgaudit_py.function_roles() RETURNS TABLE (function_name text, class text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
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
$function$;
