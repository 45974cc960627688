-- The least that a trigger does which keeps an actor and the fields that changed: no form of values is pinned, an altered
-- table or a garbage address makes the application's write fail, a leaked actor is believed, and the order of changes
-- within a transaction is lost. What this library costs more, it costs for those.
CREATE SCHEMA minimal;
CREATE TABLE minimal.log (
    id bigint GENERATED ALWAYS AS IDENTITY, created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(), action text NOT NULL, subject_type text NOT NULL,
    subject_id text, causer_type text, causer_id text, db_role text NOT NULL DEFAULT session_user, ip inet,
    user_agent text, request_id text, metadata jsonb, changes jsonb, snapshot jsonb, PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE minimal.log_default PARTITION OF minimal.log DEFAULT;
CREATE INDEX ON minimal.log (subject_type, subject_id, id);
CREATE INDEX ON minimal.log (causer_id, id);
CREATE INDEX ON minimal.log (action, created_at);
CREATE INDEX ON minimal.log (transaction_id);

CREATE FUNCTION minimal.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed jsonb := '{}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.id IS DISTINCT FROM NEW.id THEN changed := changed || jsonb_build_object('id', jsonb_build_object('old', OLD.id, 'new', NEW.id)); END IF;
        IF OLD.author_id IS DISTINCT FROM NEW.author_id THEN changed := changed || jsonb_build_object('author_id', jsonb_build_object('old', OLD.author_id, 'new', NEW.author_id)); END IF;
        IF OLD.title IS DISTINCT FROM NEW.title THEN changed := changed || jsonb_build_object('title', jsonb_build_object('old', OLD.title, 'new', NEW.title)); END IF;
        IF OLD.body IS DISTINCT FROM NEW.body THEN changed := changed || jsonb_build_object('body', jsonb_build_object('old', OLD.body, 'new', NEW.body)); END IF;
        IF OLD.status IS DISTINCT FROM NEW.status THEN changed := changed || jsonb_build_object('status', jsonb_build_object('old', OLD.status, 'new', NEW.status)); END IF;
        IF OLD.view_count IS DISTINCT FROM NEW.view_count THEN changed := changed || jsonb_build_object('view_count', jsonb_build_object('old', OLD.view_count, 'new', NEW.view_count)); END IF;
        IF OLD.price IS DISTINCT FROM NEW.price THEN changed := changed || jsonb_build_object('price', jsonb_build_object('old', OLD.price, 'new', NEW.price)); END IF;
        IF OLD.tags IS DISTINCT FROM NEW.tags THEN changed := changed || jsonb_build_object('tags', jsonb_build_object('old', OLD.tags, 'new', NEW.tags)); END IF;
        IF OLD.meta IS DISTINCT FROM NEW.meta THEN changed := changed || jsonb_build_object('meta', jsonb_build_object('old', OLD.meta, 'new', NEW.meta)); END IF;
        IF OLD.published IS DISTINCT FROM NEW.published THEN changed := changed || jsonb_build_object('published', jsonb_build_object('old', OLD.published, 'new', NEW.published)); END IF;
        IF OLD.created_at IS DISTINCT FROM NEW.created_at THEN changed := changed || jsonb_build_object('created_at', jsonb_build_object('old', OLD.created_at, 'new', NEW.created_at)); END IF;
        IF OLD.updated_at IS DISTINCT FROM NEW.updated_at THEN changed := changed || jsonb_build_object('updated_at', jsonb_build_object('old', OLD.updated_at, 'new', NEW.updated_at)); END IF;
        IF changed = '{}' THEN RETURN NULL; END IF;
    END IF;
    INSERT INTO minimal.log (action, subject_type, subject_id, causer_type, causer_id, ip, user_agent, request_id, metadata, changes, snapshot)
    VALUES (
        lower(TG_OP), 'posts', CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END::text,
        nullif(current_setting('pgaudit_py.causer_type', true), ''), nullif(current_setting('pgaudit_py.causer_id', true), ''),
        nullif(current_setting('pgaudit_py.ip', true), '')::inet, nullif(current_setting('pgaudit_py.user_agent', true), ''),
        nullif(current_setting('pgaudit_py.request_id', true), ''), nullif(current_setting('pgaudit_py.metadata', true), '')::jsonb,
        nullif(changed, '{}'),
        CASE TG_OP WHEN 'INSERT' THEN to_jsonb(NEW) WHEN 'DELETE' THEN to_jsonb(OLD) END);
    RETURN NULL;
END
$$;
CREATE TRIGGER minimal AFTER INSERT OR UPDATE OR DELETE ON posts FOR EACH ROW EXECUTE FUNCTION minimal.capture();
