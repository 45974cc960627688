"""Types of columns, and values of them: few, so that they meet, and the odd ones."""

from __future__ import annotations

import random

TYPES = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'It''s \"fine\"')",
    "CREATE DOMAIN small AS int CHECK (VALUE < 100)",
    "CREATE DOMAIN word AS text CHECK (VALUE <> 'never')",
    "CREATE TYPE pair AS (a int, b text)",
)

VALUES: dict[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "smallint": ("-1", "0", "32767"),
    "integer": ("0", "1", "2", "-2147483648"),
    "bigint": ("0", "9223372036854775807"),
    "numeric": ("1", "1.0", "1.00", "0.1", "'NaN'", "1e30"),
    "numeric(8,2)": ("1", "2.5", "123456.78", "12345678"),  # the last one does not fit
    "real": ("0", "'-0'", "0.1", "'NaN'"),
    "double precision": ("0", "'-0'", "0.1", "'NaN'", "'-Infinity'", "1e300"),
    "text": ("''", "'a'", "'A'", "'null'", "E'two\\nlines'", "'{\"a\": 1}'", "repeat('long ', 800)", "'Ünï😀'"),
    "varchar(5)": ("''", "'a'", "'a '", "'abcde'", "'too long'"),
    "character(4)": ("''", "'a'", "'a  '", "'abcd'"),
    "bytea": (r"'\x'", r"'\x00ff'", "repeat('x', 30)::bytea"),
    "date": ("'2024-02-29'", "'infinity'", "'0044-03-15 BC'"),
    "timestamp": ("'2024-02-29 12:00:00.000001'", "'-infinity'"),
    "timestamptz": ("'2024-03-31 01:30:00+01'", "'2024-10-27 02:30:00+02'", "'2024-10-27 02:30:00+01'"),
    "time": ("'24:00'", "'00:00:00.1'"),
    "interval": ("'1 month'", "'30 days'", "'-1 year 2 hours'"),
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'"),
    "json": ("'{\"a\" :1}'", "'{\"a\":1}'", "'null'", "'[]'"),
    "jsonb": ("'{\"a\": 1}'", "'{\"a\": 1.0}'", "'null'", "'[]'", "'\"null\"'", "'{\"a\": {\"b\": [1, null]}}'"),
    "integer[]": ("'{}'", "'{1,NULL,3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'"),
    "text[]": ("'{}'", "'{\"\",NULL,\"NULL\"}'", "'{\"a\\\"b\"}'"),
    "jsonb[]": ("'{}'", "ARRAY['null'::jsonb, NULL]"),
    "mood": ("'sad'", "'ok'", "'It''s \"fine\"'"),
    "mood[]": ("'{sad,ok}'", "'{NULL}'"),
    "small": ("1", "99", "100"),
    "word": ("'a'", "'never'", "''"),
    "pair": ("'(1,a)'", "'(,)'", "'(1,\"a,b\")'"),
    "int4range": ("'empty'", "'[1,3)'", "'[1,2]'", "'(,)'"),
    "inet": ("'10.0.0.1'", "'10.0.0.1/8'", "'::1'"),
    "point": ("'(1,2)'", "'(-0,0)'"),
    "bit varying": ("B''", "B'101'"),
    "money": ("1.5", "-2"),
    "tsvector": ("'a b'", "'a:1 b:2A'"),
    "box": ("'(1,1),(0,0)'", "'(2,0.5),(0,0)'"),  # of the same area: equal, and not the same
}  # fmt: skip

KEY_VALUES: dict[str, tuple[str, ...]] = {
    "integer": tuple(str(number) for number in range(1, 9)),
    "bigint": ("-1", "1", "2", "3", "9007199254740993"),
    "text": ("'a'", "'b'", "''", "'[\"7\", \"de\"]'", "'é'", "' a'", "'A'"),
    "numeric": ("1", "1.0", "1.00", "2", "2.5", "3"),  # 1 and 1.0 are one key, written in two ways
    "interval": ("'1 month'", "'30 days'", "'1 day'", "'24 hours'"),  # so are these
    "uuid": ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "md5('3')::uuid"),
    "mood": ("'sad'", "'ok'", "'It''s \"fine\"'"),
    "integer[]": ("'{1}'", "'{1,2}'", "'{}'", "'[0:0]={1}'"),
    "date": ("'2024-02-29'", "'infinity'", "'2024-03-01'"),
    "bytea": (r"'\x'", r"'\x00'", r"'\x01'"),
    "small": ("1", "2", "3", "100"),
}  # fmt: skip

NAMES = (
    "a", "b", "c", "d", "Title", "odd name", 'quo"ted', "Ünï", "old", "new", "key", "value", "token", "usual", "v_changes",
    "tg_op", "user", "subject_id", "changes", "columns", "select", "%s", "{x}", "state",
)  # fmt: skip
"""Of columns: plain ones, and those that mean something to SQL, to PL/pgSQL or to our functions."""

CASTS: dict[str, tuple[str, ...]] = {
    "smallint": ("integer", "text"),
    "integer": ("bigint", "numeric", "text", "double precision"),
    "bigint": ("numeric", "text"),
    "numeric": ("text", "numeric(8,2)"),
    "text": ("varchar(5)", "character(4)", "text[]", "bytea", "word"),
    "varchar(5)": ("text", "character(4)"),
    "character(4)": ("text", "varchar(5)"),
    "date": ("timestamp", "text"),
    "timestamp": ("timestamptz", "date"),
    "json": ("jsonb", "text"),
    "jsonb": ("json", "text"),
    "integer[]": ("text[]", "text"),
    "mood": ("text",),
    "small": ("integer",),
    "word": ("text",),
    "real": ("double precision",),
    "double precision": ("real", "numeric"),
    "boolean": ("text", "integer"),
    "inet": ("text",),
}
"""What a column of a type may be altered to."""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(chance: random.Random, type_name: str, *, null: bool = True) -> str:
    """Write a value of a type, or NULL, as SQL."""
    if null and chance.random() < 0.15:
        return "NULL"
    value = chance.choice(VALUES[type_name])
    return f"({value})::{type_name}" if type_name not in {"integer", "text", "boolean"} else value


def key_literal(chance: random.Random, type_name: str) -> str:
    return f"({chance.choice(KEY_VALUES[type_name])})::{type_name}"
