-- Only the default partition is left to route to.
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT relid FROM pg_partition_tree('pgaudit_py.activity_log')
            WHERE isleaf AND relid <> 'pgaudit_py.activity_log_default'::regclass LOOP
        EXECUTE format('DROP TABLE %s', partition);
    END LOOP;
END
$$;
