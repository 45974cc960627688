-- A counter beside the large value, one row, one transaction.
DO $$
BEGIN
    FOR i IN current_setting('bench.first')::int .. current_setting('bench.last')::int LOOP
        CALL bind();
        UPDATE posts SET view_count = view_count + 1 WHERE id = 20001;
        COMMIT;
    END LOOP;
END
$$;
