-- Let the event trigger leave a table alone that is being installed. Runs under the pinned search_path.
-- Parameters: id: of the tracked table.
SELECT pgaudit_py.begin_install(%(id)s)
