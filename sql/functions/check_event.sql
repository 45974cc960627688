-- Refuse what an application cannot record as an event of its own; see log() and log_change().
--
-- Arguments: those of log(). Errors: PGA11 where one has a value it cannot have.
CREATE OR REPLACE FUNCTION pgaudit_py.check_event(action text, subject_type text, subject_id text, metadata jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF coalesce(action, '') = '' OR length(action) > 512 THEN
        RAISE EXCEPTION 'an action needs a name of 1 to 512 characters'
            USING ERRCODE = 'PGA11', HINT = 'Name it as people will read it: published, login.';
    ELSIF jsonb_typeof(metadata) <> 'object' THEN
        RAISE EXCEPTION 'metadata is no object, but: %', jsonb_typeof(metadata)
            USING ERRCODE = 'PGA11', HINT = 'Give names to what you want to record: {"channel": "rss"}.';
    ELSIF subject_id IS NOT NULL AND subject_type IS NULL THEN
        RAISE EXCEPTION 'subject_id % has no subject_type', quote_literal(left(subject_id, 100))
            USING ERRCODE = 'PGA11', HINT = 'Name the kind of record as well.';
    ELSIF octet_length(subject_type) > 512 OR octet_length(subject_id) > 2000 THEN
        RAISE EXCEPTION 'the subject is too long for the log''s index: % and % bytes',
            octet_length(subject_type), octet_length(subject_id)
            USING ERRCODE = 'PGA11', HINT = 'Keep subject_type to 512 bytes and subject_id to 2000.';
    END IF;
END
$function$;
