-- Six laws, stated as constraints.
ALTER TABLE pgaudit_py.activity_log
    ADD CHECK (operation IN ('I', 'U', 'D', 'T', 'S')), ADD CHECK (operation IS NULL OR subject_type IS NOT NULL),
    ADD CHECK (operation <> 'U' OR changes IS NOT NULL OR erased_at IS NOT NULL), ADD CHECK (action <> ''),
    ADD CHECK (operation NOT IN ('I', 'D', 'S') OR snapshot IS NOT NULL OR erased_at IS NOT NULL),
    ADD CHECK (operation NOT IN ('I', 'U') OR new_tid IS NOT NULL);
