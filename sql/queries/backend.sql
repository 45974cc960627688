-- Which process of the server answers: behind a pooler it is not the one that the connection was told of.
SELECT pg_catalog.pg_backend_pid()
