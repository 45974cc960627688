-- Two of twelve columns of many rows, one statement.
CALL bind();
UPDATE posts SET view_count = view_count + 1, updated_at = clock_timestamp() WHERE id > 2000000;
