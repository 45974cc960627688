-- The large value itself, one row, one transaction.
DO $$
BEGIN
    FOR i IN current_setting('bench.first')::int .. current_setting('bench.last')::int LOOP
        CALL bind();
        UPDATE posts SET meta = jsonb_set(meta, '{a}', to_jsonb(i)) WHERE id = 20001;
        COMMIT;
    END LOOP;
END
$$;
