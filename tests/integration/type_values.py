"""Types, and for each some values at its edges, as SQL expressions."""

from __future__ import annotations

SETUP = """
    CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy');
    CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE DOMAIN document AS jsonb;
    CREATE DOMAIN words AS text[];
    CREATE DOMAIN pair_positive AS pair CHECK ((value).a > 0);
    CREATE TYPE nested AS (one pair, many pair[], doc jsonb);
    CREATE TYPE floatrange AS RANGE (subtype = float8);
    CREATE TYPE moods AS RANGE (subtype = mood);
"""

VALUES: dict[str, list[str]] = {
    "boolean": ["true", "false"],
    "smallint": ["-32768", "0"],
    "integer": ["2147483647", "-1", "-2147483648"],
    "bigint": ["9223372036854775807", "-9223372036854775808"],
    "numeric": [
        "1.0",
        "1.00",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "0.000",
        "1e-300",
        "repeat('9', 4500)::numeric",
    ],
    "numeric(8, 2)": ["1.50", "-0.01", "'NaN'"],
    "numeric(3, -2)": ["12300", "-100"],
    "real": ["'-0'", "0", "'NaN'", "'Infinity'", "1e-45", "3.4028235e38", "0.1"],
    "double precision": ["'-0'", "0", "'NaN'", "'-Infinity'", "5e-324", "1.7976931348623157e308", "0.1"],
    "money": ["'12.34'", "'-0.05'", "'-92233720368547758.08'", "'92233720368547758.07'"],
    "text": ["''", "'  '", "E'a\\nb\\t\\\\ \"'", "'日本 🙂'", "repeat('x', 100000)"],
    "varchar(5)": ["'a  '", "''"],
    "char(5)": ["'a'", "'a b'"],
    '"char"': ["'x'", "''"],
    "name": ["'a'", "'b c'"],
    "bytea": ["'\\x00ff'", "''", "decode(repeat('ab', 5000), 'hex')"],
    "uuid": ["'00000000-0000-0000-0000-000000000001'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
    "date": [
        "'2026-02-01'",
        "'infinity'",
        "'-infinity'",
        "'0044-03-15 BC'",
        "'5874897-12-31'",
        "'4714-11-24 BC'",
    ],
    "time": ["'23:59:59.999999'", "'24:00'", "'00:00'"],
    "timetz": ["'12:00+05:30'", "'12:00-08'", "'24:00:00+15:59:59'", "'00:00:00-15:59:59'"],
    "timestamp": [
        "'2026-02-01 03:04:05.000006'",
        "'infinity'",
        "'4713-01-01 BC'",
        "'294276-12-31 23:59:59.999999'",
    ],
    "timestamptz": [
        "'2026-02-01 03:04:05.000006+02'",
        "'-infinity'",
        "'1883-11-18 12:00:00-04:56:02'",
        "'4714-11-24 00:00+00 BC'",
    ],
    "interval": [
        "'1 mon'",
        "'30 days'",
        "'-1 days +02:03:04.000005'",
        "'1 year -2 mons 3 days'",
        "'720:00'",
        "'-178000000 years'",
        "'0.000001'",
    ],
    "json": ['\'{"a": 1,  "a": 2}\'', "'\"\\u0000\"'", "'\"\\ud800\"'", "'1e400000'", "'null'", "' [ ] '"],
    "jsonb": [
        "'null'",
        "'{\"a\": 1.0}'",
        "'{\"a\": 1.00}'",
        "'\"x\"'",
        "'[]'",
        "'12345678901234567890.5'",
        "'\"\\ud83d\\ude42\"'",
        "('1e' || 131071)::jsonb",
    ],
    "document": ["'null'", "'{\"a\": 1.0}'"],
    "positive": ["1", "2"],
    "mood": ["'sad'", "'it''s \"ok\"'"],
    "pair": ['\'(1,"a ""b")\'', "'(,)'", "ROW(NULL, '')"],
    "pair[]": ["ARRAY[ROW(1, 'a,b')::pair, NULL]", "'{}'"],
    "mood[]": ["'{sad,happy}'", "'{}'"],
    "int[]": ["'{1,NULL,3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'", "'{}'", "'[2:2][-1:0]={{1,2}}'"],
    "text[]": ['\'{"a,b",NULL,"NULL",""}\'', "ARRAY['{', '\"', '\\']"],
    "timestamptz[]": ["ARRAY['2026-02-01 03:04+02'::timestamptz]", "'{infinity}'"],
    "float8[]": ["'{-0,NaN}'", "'{0,0.1}'"],
    "jsonb[]": ["ARRAY['null'::jsonb, NULL]", "'{}'"],
    "int4range": ["'[1,5)'", "'empty'", "'(,)'"],
    "tstzrange": ["'[2026-02-01 03:04+02,)'", "'empty'"],
    "datemultirange": ["'{[2026-01-01,2026-02-01)}'", "'{}'"],
    "inet": ["'10.0.0.1/8'", "'::1'"],
    "cidr": ["'10.0.0.0/8'", "'::/0'"],
    "macaddr": ["'08:00:2b:01:02:03'", "'ff:ff:ff:ff:ff:ff'"],
    "macaddr8": ["'08:00:2b:01:02:03:04:05'", "'ff:ff:ff:ff:ff:ff:ff:ff'"],
    "bit(3)": ["B'101'", "B'000'"],
    "varbit": ["B''", "B'1'"],
    "point": ["'(0.1,-0)'", "'(0.1,0)'"],
    "line": ["'{1,2,3}'", "'{0.1,0.2,0.3}'"],
    "lseg": ["'[(0,0),(1,0.1)]'", "'[(0,0),(1,1)]'"],
    "box": ["'(2,2),(0,0)'", "'(4,1),(0,0)'"],
    "path": ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"],
    "polygon": ["'((0,0),(1,1),(1,0))'", "'((0,0),(2,1),(1,0))'"],
    "circle": ["'<(0,0),1>'", "'<(1,1),1>'"],
    "tsvector": ["'a:1A b:2'", "''"],
    "tsquery": ["'a & !b'", "'a <-> b'"],
    "oid": ["0", "4294967295"],
    "regclass": ["'pg_class'", "'pg_type'"],
    "regtype": ["'integer'", "'text[]'"],
    "tid": ["'(0,1)'", "'(4294967294,65535)'"],
    "xid8": ["'1'", "'18446744073709551615'"],
    "pg_lsn": ["'0/0'", "'FFFFFFFF/FFFFFFFF'"],
    "jsonpath": ["'$.a'", "'strict $.\"b\"[*]'"],
    "pg_snapshot": ["'1:2:'", "'10:20:10,14'"],
    "int8range": ["'[1,5)'", "'(,9223372036854775807)'"],
    "numrange": ["'[1.0,2.00]'", "'[1.00,2.0]'"],
    "daterange": ["'[2026-01-01,infinity)'", "'[2026-01-01,)'"],
    "tsrange": ["'[2026-02-01 03:04:05.000006,)'", "'(,)'"],
    "int4multirange": ["'{[1,3),[5,7)}'", "'{}'"],
    "nummultirange": ["'{[1.0,2.0]}'", "'{[1.00,2.0]}'"],
    "tstzmultirange": ["'{[2026-02-01 03:04+02,)}'", "'{}'"],
    "floatrange": ["'[-0,0.1)'", "'[0,0.1)'", "'[NaN,NaN]'"],
    "moods": ["'[sad,happy)'", "'empty'"],
    "bytea[]": ["ARRAY['\\x00ff'::bytea, NULL]", "'{}'"],
    "numeric[]": ["'{1.0,NaN}'", "'{1.00,Infinity}'"],
    "interval[]": ["ARRAY['1 mon'::interval]", "ARRAY['30 days'::interval]"],
    "json[]": ["ARRAY['{\"a\":  1}'::json]", "ARRAY['{\"a\": 1}'::json, NULL]"],
    "date[]": ["'{2026-02-01,infinity}'", "'{0044-03-15 BC}'"],
    "money[]": ["'{12.34,-0.05}'", "'{}'"],
    "point[]": ["ARRAY['(0.1,-0)'::point]", "ARRAY['(0.1,0)'::point]"],
    "box[]": ["ARRAY['(2,2),(0,0)'::box, '(1,1),(0,0)'::box]", "'{}'"],
    "char(5)[]": ["'{a,NULL}'", "'{}'"],
    "nested": [
        "ROW(ROW(1, 'a,\"b')::pair, ARRAY[ROW(2, NULL)::pair], '{\"n\": null}')",
        "ROW(NULL, '{}', 'null')",
    ],
    "nested[]": ["ARRAY[ROW(ROW(1, '\\')::pair, NULL, NULL)::nested]", "'{}'"],
    "words": ["'{a,b}'", "'{}'"],
    "pair_positive": ["'(1,x)'", "'(2,y)'"],
    "positive[]": ["'{1,2}'", "'{NULL}'"],
    "oidvector": ["'1 2 3'", "''"],
    "int2vector": ["'1 -2'", "''"],
    "regproc": ["'now'", "'-'"],
    "regrole": ["'postgres'", "'pg_monitor'"],
    "regnamespace": ["'public'", "'pg_catalog'"],
    "xid": ["'1'", "'4294967295'"],
    "cid": ["'0'", "'1'"],
    "txid_snapshot": ["'1:2:'", "'10:20:10,14'"],
    "aclitem": ["'=r/postgres'", "'postgres=arwdDxt/postgres'"],
    "refcursor": ["'a'", "''"],
    "regcollation": ["'\"C\"'", "'\"POSIX\"'"],
    "regconfig": ["'simple'", "'english'"],
    "regdictionary": ["'simple'", "'english_stem'"],
    "regoper": ["'||/'", "'!!'"],
    "regoperator": ["'+(integer,integer)'", "'-(NONE,integer)'"],
    "regprocedure": ["'abs(numeric)'", "'now()'"],
    "tsmultirange": ["'{[2026-02-01 03:04:05.000006,infinity)}'", "'{(,)}'"],
    "int8multirange": ["'{(,-9223372036854775807),[5,7)}'", "'{}'"],
    "timestamptz(0)": ["'2026-02-01 03:04:05+02'", "'infinity'"],
    "interval day to second(3)": ["'1 02:03:04.005'", "'-1 day'"],
    "bit varying(10)": ["B'0000000000'", "B'1'"],
    'text COLLATE "C"': ["'a'", "'A'"],
}

CONTRIB: dict[str, tuple[str, list[str]]] = {
    "hstore": ("hstore", ['\'"a b"=>"1", b=>NULL, "=>"=>"\\""\'', "''"]),
    "hstore[]": ("hstore", ["ARRAY['a=>1'::hstore, NULL]", "'{}'"]),
    "citext": ("citext", ["'A'", "'a'"]),
    "citext[]": ("citext", ["'{A}'", "'{a}'"]),
    "ltree": ("ltree", ["'Top.Science.Astronomy'", "''"]),
    "lquery": ("ltree", ["'*.a@|b*{1,2}'", "'a'"]),
    "ltxtquery": ("ltree", ["'Europe & Russia*@ & !Transportation'", "'a'"]),
    "ltree[]": ("ltree", ["'{a.b,c}'", "'{}'"]),
    "cube": ("cube", ["'(1,2.1),(3,4)'", "'(0.1,-0)'", "'(0.1,0)'", "'()'"]),
    "seg": ("seg", ["'6.50'", "'6.5'", "'~6.25 .. ~6.50'", "'<6'"]),
    "isbn13": ("isn", ["'978-0-393-04002-9'", "'978-0-393-04002-9!'"]),
    "issn": ("isn", ["'1436-4522'"]),
    "issn13": ("isn", ["'977-1436-452-00-8'"]),
    "ismn": ("isn", ["'979-0-060-11561-5'"]),
    "ismn13": ("isn", ["'979-0-060-11561-5'"]),
    "upc": ("isn", ["'220356483481'"]),
    "isbn": ("isn", ["'0-393-04002-X'", "'1-4028-9462-7'"]),
    "ean13": ("isn", ["'0220356483481'", "'0220356483481!'"]),
    "vector": ("vector", ["'[0.1,-0,3e-30]'", "'[0.1,0,3]'"]),
    "halfvec": ("vector", ["'[0.1,2]'", "'[0.2,2]'"]),
    "sparsevec": ("vector", ["'{1:0.5,3:2}/5'", "'{}/5'"]),
    "lo": ("lo", ["1", "2"]),
}

SINCE: dict[int, dict[str, list[str]]] = {
    17: {"interval": ["'infinity'", "'-infinity'"], "int[]": ["'{{}}'"]},
    19: {"oid8": ["'0'", "'18446744073709551615'"], "regdatabase": ["'postgres'", "'template1'"]},
}
"""What later majors of PostgreSQL have besides."""

XML = [
    "'<a x=\"1\">b</a>'",
    "xmlparse(CONTENT 'a<b/>c')",
    '\'<?xml version="1.1" standalone="yes"?><a/>\'',
    "'<!DOCTYPE a><a/>'",
]
"""For servers that are built with libxml."""

NO_VALUES = {
    "gtsvector": "is made inside of an index only: its input function refuses",
    "pg_brin_bloom_summary": "is made inside of an index only: its input function refuses",
    "pg_brin_minmax_multi_summary": "is made inside of an index only: its input function refuses",
    "pg_dependencies": "is made by ANALYZE: its input function refuses",
    "pg_mcv_list": "is made by ANALYZE: its input function refuses",
    "pg_ndistinct": "is made by ANALYZE: its input function refuses",
    "pg_node_tree": "is made by the parser: its input function refuses",
}
"""Types that a column can have, but of which nothing can be written, and so not restored."""


def values_of(major: int) -> dict[str, list[str]]:
    """The types and values that a server has, without xml."""
    found = {name: list(values) for name, values in VALUES.items()}
    for since, more in SINCE.items():
        for name, values in more.items() if since <= major else ():
            found.setdefault(name, []).extend(values)
    return found
