-- A mistake that is taken back in time: its transaction ends in ROLLBACK, and leaves no trace.
DELETE FROM comments;
