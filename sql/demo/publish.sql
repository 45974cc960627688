-- Bob, the editor, publishes the first post and gives it another title.
UPDATE posts SET status = 'published', published_at = now(), title = 'How to brew GREEN tea' WHERE id = 1;
