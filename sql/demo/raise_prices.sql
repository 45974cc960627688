-- One statement for all rows: what loggers in an ORM never see.
UPDATE posts SET price = coalesce(price, 0) + 1, tags = tags || '{sale}';
