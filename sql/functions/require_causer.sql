-- Refuse a write of which nobody would know who made it; called by the capture functions of tables that want it so.
--
-- Arguments: what the records are called. A causer counts if set_actor(), in SQL or Python, bound it to this transaction: a
-- bare setting may have been left by somebody else.
-- Errors: PGA12 where there is none.
CREATE OR REPLACE FUNCTION pgaudit_py.require_causer(subject_type text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF current_setting('pgaudit_py.stamp', true) IS DISTINCT FROM extract(epoch FROM now())::text
            OR coalesce(current_setting('pgaudit_py.causer_id', true), '') = '' THEN
        RAISE EXCEPTION '% must not be changed without saying who does it', quote_ident(subject_type)
            USING ERRCODE = 'PGA12',
                  HINT = 'Bind the actor in the same transaction: set_actor(conn, user), or SELECT pgaudit_py.set_actor(''42'').';
    END IF;
END
$function$;
