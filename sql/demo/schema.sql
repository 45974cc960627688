-- A small blog.
CREATE TYPE post_status AS ENUM ('draft', 'published', 'archived');
CREATE TABLE users (
    id    int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name  text NOT NULL UNIQUE
);
CREATE TABLE posts (
    id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id    int NOT NULL REFERENCES users,
    title        text NOT NULL,
    status       post_status NOT NULL DEFAULT 'draft',
    tags         text[] NOT NULL DEFAULT '{}',
    price        numeric(8, 2),
    settings     jsonb,
    published_at timestamptz
);
CREATE TABLE comments (
    id       int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    post_id  int NOT NULL REFERENCES posts ON DELETE CASCADE,
    name     text NOT NULL,
    body     text NOT NULL
);
