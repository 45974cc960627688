-- Bob deletes the post; its comments go with it.
DELETE FROM posts WHERE id = 1;
