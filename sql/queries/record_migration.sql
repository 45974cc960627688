-- Note in the ledger what was applied. Runs under the pinned search_path.
-- Parameters: name; checksum; library_version.
INSERT INTO pgaudit_py.migration (name, checksum, library_version)
VALUES (%(name)s, %(checksum)s, %(library_version)s)
ON CONFLICT (name) DO UPDATE SET
    checksum = excluded.checksum, library_version = excluded.library_version,
    applied_by = DEFAULT, applied_at = DEFAULT
