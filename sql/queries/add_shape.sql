-- Keep the columns that values are written under from now on. Runs under the pinned search_path.
-- Parameters: id; tracked_table_id; columns: JSON text; key: text[]; fingerprint; relation: the table's oid; cluster: see cluster(); unseen_from: when it was uninstalled, in seconds since 1970, NULL where nothing was missed.
INSERT INTO pgaudit_py.table_shape (id, tracked_table_id, columns, key, fingerprint, relation, cluster, unseen_from)
VALUES (%(id)s, %(tracked_table_id)s, %(columns)s::jsonb, %(key)s::text[], %(fingerprint)s, %(relation)s::bigint::oid, %(cluster)s,
    to_timestamp(%(unseen_from)s))
