-- What is written to, 12 columns and about 700 bytes a row; and what the workloads share.
CREATE TABLE posts (
    id int PRIMARY KEY, author_id int, title text, body text, status text, view_count int, price numeric, tags text[],
    meta jsonb, published boolean, created_at timestamptz, updated_at timestamptz
);
CREATE FUNCTION make_posts(first int, last int) RETURNS SETOF posts LANGUAGE sql AS $$
    SELECT i, i % 100, 'Title ' || i, repeat(md5(i::text), 15), 'draft', 0, i * 0.5, ARRAY['tea', 'green'],
           jsonb_build_object('a', i, 'b', true), false, now(), now()
    FROM generate_series(first, last) AS i
$$;
-- Every system pays for an actor, so that a difference is the trigger's.
CREATE PROCEDURE bind() LANGUAGE sql AS $$
    SELECT set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true),
           set_config('pgaudit_py.causer_type', 'user', true), set_config('pgaudit_py.causer_id', '42', true),
           set_config('pgaudit_py.ip', '203.0.113.7', true), set_config('pgaudit_py.user_agent', 'Mozilla/5.0', true),
           set_config('pgaudit_py.request_id', 'abc', true), set_config('pgaudit_py.metadata', '', true),
           set_config('pgaudit_py.action', '', true)
$$;
INSERT INTO posts SELECT * FROM make_posts(1, 10000);
