-- One row with a jsonb of 1 MB, which compresses to about half.
INSERT INTO posts SELECT * FROM make_posts(20001, 20001);
UPDATE posts SET meta = (
    SELECT jsonb_object_agg('key ' || i, md5(i::text)) FROM generate_series(1, 19500) AS i) WHERE id = 20001;
