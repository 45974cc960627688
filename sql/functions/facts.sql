-- Take an activity apart into what it says about single columns.
--
-- Result: field_id, by which a column is known whatever it is called; value as encoded, NULL where a jsonb column
-- was SQL NULL; after: true where the value held after the activity, false where it held before; told: false where
-- omitted has it instead, and says why in value; name and type, the column's then. Columns that the activity says nothing about
-- have no row.
CREATE OR REPLACE FUNCTION pgaudit_py.facts(
    operation "char", changes jsonb, snapshot jsonb, omitted jsonb, columns jsonb,
    OUT field_id text, OUT value jsonb, OUT after boolean, OUT told boolean, OUT name text, OUT type text
) RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $function$
    SELECT pgaudit_py.field_id(columns -> c.name), side.value, side.after, true,
           c.name, columns -> c.name ->> 'type'
    FROM jsonb_each(changes) AS c(name, change)
    CROSS JOIN LATERAL (VALUES
        (c.change -> 'old', false, omitted -> c.name ? 'old'),
        (c.change -> 'new', true, omitted -> c.name ? 'bytes')) AS side(value, after, is_large)
    WHERE columns ? c.name AND NOT coalesce(side.is_large OR omitted -> c.name ->> 'why' <> 'size', false)
    UNION ALL
    SELECT pgaudit_py.field_id(c.description), snapshot -> c.name, operation <> 'D', true,
           c.name, c.description ->> 'type'
    FROM jsonb_each(columns) AS c(name, description)
    WHERE snapshot IS NOT NULL AND NOT c.description ?| '{excluded,redacted}' AND (snapshot ? c.name OR c.description ->> 'encoding' = 'jsonb')
        AND NOT coalesce(changes ? c.name, false) AND NOT coalesce(omitted ? c.name, false)
    UNION ALL
    SELECT pgaudit_py.field_id(columns -> o.name), side.why, side.after, false,
           o.name, columns -> o.name ->> 'type'
    FROM jsonb_each(omitted) AS o(name, entry)
    CROSS JOIN LATERAL (VALUES
        (o.entry || (o.entry -> 'old') - 'old', false, o.entry ? 'old'),
        (o.entry - 'old', operation <> 'D', o.entry ? 'bytes' OR NOT o.entry ? 'old')) AS side(why, after, is_omitted)
    WHERE columns ? o.name AND side.is_omitted
$function$;
