-- Tell how far the baseline of a table has come, and hold it: one session at a time goes on with it.
--
-- Arguments: what the records are called; the table; its key; again: whether one that is done begins anew, with every row.
-- Result: id of the tracked table; reached, as tracked_table.baseline has it: after, the texts of the key's columns in the last row that was read; rows,
-- how many were recorded; read, how many were looked at; done; every, see baseline_rows(); by, what the order depends on.
-- Where that is another one than before, positions in it mean nothing, and the baseline begins anew.
CREATE OR REPLACE FUNCTION pgaudit_py.baseline_position(
    subject_type text, relation oid, key text[], again boolean, OUT id integer, OUT reached jsonb
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $function$
DECLARE
    sort_order CONSTANT jsonb := (
        SELECT jsonb_agg(format('%s %s %s', a.attnum, format_type(a.atttypid, -1), a.attcollation::regcollation) ORDER BY k.position)
        FROM unnest(key) WITH ORDINALITY AS k(name, position)
        JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = k.name AND NOT a.attisdropped);
BEGIN
    SELECT t.id, t.baseline INTO id, reached FROM pgaudit_py.tracked_table AS t
    WHERE t.subject_type = baseline_position.subject_type AND t.removed_at IS NULL FOR UPDATE;
    IF reached IS NULL OR reached -> 'by' IS DISTINCT FROM sort_order OR (again AND (reached -> 'done')::boolean) THEN
        reached := jsonb_build_object('after', NULL, 'rows', 0, 'read', 0, 'done', false, 'by', sort_order,
            'every', again OR coalesce((reached -> 'every')::boolean, false));
    END IF;
END
$function$;
