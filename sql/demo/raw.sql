-- Somebody with psql, who told nobody who they are.
UPDATE posts SET title = 'Buy my coffee', settings = settings || '{"comments": false}' WHERE id = 1;
