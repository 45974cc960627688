-- Many rows, one statement.
CALL bind();
INSERT INTO posts SELECT * FROM make_posts(2000000 + current_setting('bench.first')::int, 2000000 + current_setting('bench.last')::int);
