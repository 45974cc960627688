-- Have only those names quoted that need it, until the transaction ends or what was there before is put back: the search_path that a
-- function is given is kept as it would be quoted, and the proof of where it comes from sums that up.
SET LOCAL quote_all_identifiers TO off
