-- One row, one transaction.
DO $$
BEGIN
    FOR i IN current_setting('bench.first')::int .. current_setting('bench.last')::int LOOP
        CALL bind();
        DELETE FROM posts WHERE id = 1000000 + i;
        COMMIT;
    END LOOP;
END
$$;
