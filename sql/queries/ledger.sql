-- What the migrator has applied. Only where pgaudit_py.migration exists.
SELECT name, checksum, breaking, library_version FROM pgaudit_py.migration
