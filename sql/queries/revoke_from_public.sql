-- Nobody but the owner may call what the schema holds, until `grant` says so.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pgaudit_py FROM PUBLIC
