-- Write a key as the log does: SELECT pgaudit_py.subject_id('posts', ARRAY['01']) gives '1'.
--
-- Arguments: subject_type; the texts of the key's columns, in order. Each is cast to its column's type first. Where equal
-- values may be written differently (1.5 and 1.50, citext), the row that is in the table now says which it is.
-- Result: subject_id; of a table that is no longer there, the texts as they are.
-- Errors: PGA11 where the key has another number of columns, or a text is no value of its column; PGA04 where the
-- table has no key.
CREATE OR REPLACE FUNCTION pgaudit_py.subject_id(subject_type text, key text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET "DateStyle" = 'ISO, YMD' SET "IntervalStyle" = postgres
SET extra_float_digits = 1 SET bytea_output = hex SET "TimeZone" = 'UTC' SET lc_monetary = 'C' SET quote_all_identifiers = off AS $function$
DECLARE
    shape record;
    types text[];
    part text;
    parts text[] := key;
    subject text;
BEGIN
    SELECT t.oid, pgaudit_py.key_of(t.oid) AS names, t.columns INTO shape
    FROM pgaudit_py.inspect_table(pgaudit_py.live_table(subject_type)) AS t;
    IF FOUND THEN
        IF shape.names = '{}' THEN
            RAISE EXCEPTION 'table % has no key to tell its records apart by', quote_ident(subject_type)
                USING ERRCODE = 'PGA04', HINT = 'Give it a primary key and install auditing again.';
        ELSIF cardinality(shape.names) <> cardinality(key) THEN
            RAISE EXCEPTION 'the key of % has % columns (%), not %', quote_ident(subject_type),
                cardinality(shape.names), array_to_string(shape.names, ', '), cardinality(key)
                USING ERRCODE = 'PGA11', HINT = 'Give one value for each column of the key, in its order.';
        END IF;
        SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY n.position) INTO types
        FROM unnest(shape.names) WITH ORDINALITY AS n(name, position)
        JOIN pg_attribute AS a ON a.attrelid = shape.oid AND a.attname = n.name AND NOT a.attisdropped;
        FOR i IN 1 .. cardinality(key) LOOP
            BEGIN
                EXECUTE format('SELECT format(''%%s'', %L::%s)', key[i], types[i]) INTO part;
                parts[i] := part;
            EXCEPTION WHEN data_exception THEN
                RAISE EXCEPTION '% is no value of %, of type %', quote_literal(left(key[i], 100)), shape.names[i], types[i]
                    USING ERRCODE = 'PGA11', HINT = 'Check the key.';
            END;
        END LOOP;
    END IF;
    subject := CASE cardinality(parts) WHEN 1 THEN parts[1] ELSE to_jsonb(parts)::text END;
    IF EXISTS (SELECT FROM jsonb_array_elements(shape.columns) AS c
               WHERE c ->> 'name' = ANY (shape.names) AND NOT (c ->> 'plain_equality')::boolean)
            AND has_table_privilege(shape.oid, 'SELECT') THEN
        subject := coalesce(pgaudit_py.live_subject(shape.oid, shape.names, subject), subject);
    END IF;
    RETURN subject;
END
$function$;
