-- What the migrator has applied. Only where pgaudit_py.migration exists; 0.1.0 noted no proof.
-- Result: as the table has it; proven, whether there is a proof of the function.
SELECT m.name, m.checksum, m.breaking, m.library_version,
    pg_catalog.jsonb_extract_path_text(pg_catalog.to_jsonb(m), 'proof') IS NOT NULL AS proven
FROM pgaudit_py.migration AS m
