-- Many rows, one statement.
CALL bind();
DELETE FROM posts WHERE id > 2000000;
