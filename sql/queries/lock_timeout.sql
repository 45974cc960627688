-- How long a statement of this session waits for a lock.
-- Result: text, such as 0 for any time, or 5s.
SELECT pg_catalog.current_setting('lock_timeout')
