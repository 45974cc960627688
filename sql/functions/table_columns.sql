-- Describe a table's columns as they are now, as table_shape keeps them.
--
-- Result: {"title": {"attnum": 2, "type": "text", "encoding": "json", "generated": false, "identity": false}, ...}; of a generated
-- one also sources, the numbers of the columns that it is made from. An empty object where there is no such table. Virtual
-- generated columns are left out: a trigger cannot see them.
CREATE OR REPLACE FUNCTION pgaudit_py.table_columns(relation oid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        -- The snapshot may be older than an ALTER TABLE that this transaction is subject to all the same.
        RETURN pgaudit_py.present_columns(relation);
    END IF;
    RETURN pgaudit_py.catalog_columns(relation);
END
$function$;
