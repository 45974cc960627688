-- Two of twelve columns, one row, one transaction.
DO $$
BEGIN
    FOR i IN current_setting('bench.first')::int .. current_setting('bench.last')::int LOOP
        CALL bind();
        UPDATE posts SET view_count = view_count + 1, updated_at = clock_timestamp() WHERE id = i;
        COMMIT;
    END LOOP;
END
$$;
