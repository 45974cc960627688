-- Alice writes two posts, and readers comment.
INSERT INTO users (name) VALUES ('Alice'), ('Bob');
INSERT INTO posts (author_id, title, tags, price, settings) VALUES
    (1, 'How to brew tea', '{tea,"hot drinks"}', 1.50, '{"comments": true, "rating": 4.50}'),
    (2, 'Cold mate', '{mate}', NULL, NULL);
INSERT INTO comments (post_id, name, body) VALUES (1, 'Carol', 'Lovely.'), (1, 'Dan', 'Which water?');
