-- One law, stated as a constraint.
ALTER TABLE pgaudit_py.activity_log ADD CHECK (operation <> 'U' OR changes IS NOT NULL OR erased_at IS NOT NULL);
