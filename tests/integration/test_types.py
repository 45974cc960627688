"""Every type, captured under hostile settings and restored under others, is byte for byte what it was."""

from __future__ import annotations

import pytest

from pgaudit_py import Audit
from tests.conftest import Conn

SETUP = """
    CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"', 'happy');
    CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE DOMAIN document AS jsonb;
"""

VALUES: dict[str, list[str]] = {
    "boolean": ["true", "false"],
    "smallint": ["-32768", "0"],
    "integer": ["2147483647", "-1"],
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
    "numeric(8, 2)": ["1.50", "-0.01"],
    "real": ["'-0'", "0", "'NaN'", "'Infinity'", "1e-45", "3.4028235e38", "0.1"],
    "double precision": ["'-0'", "0", "'NaN'", "'-Infinity'", "5e-324", "1.7976931348623157e308", "0.1"],
    "money": ["'12.34'", "'-0.05'"],
    "text": ["''", "'  '", "E'a\\nb\\t\\\\ \"'", "'日本 🙂'", "repeat('x', 100000)"],
    "varchar(5)": ["'a  '", "''"],
    "char(5)": ["'a'", "'a b'"],
    '"char"': ["'x'", "''"],
    "name": ["'a'", "'b c'"],
    "bytea": ["'\\x00ff'", "''", "decode(repeat('ab', 5000), 'hex')"],
    "uuid": ["'00000000-0000-0000-0000-000000000001'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
    "date": ["'2026-02-01'", "'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'"],
    "time": ["'23:59:59.999999'", "'24:00'"],
    "timetz": ["'12:00+05:30'", "'12:00-08'"],
    "timestamp": [
        "'2026-02-01 03:04:05.000006'",
        "'infinity'",
        "'4713-01-01 BC'",
        "'294276-12-31 23:59:59.999999'",
    ],
    "timestamptz": ["'2026-02-01 03:04:05.000006+02'", "'-infinity'", "'1883-11-18 12:00:00-04:56:02'"],
    "interval": ["'1 mon'", "'30 days'", "'-1 days +02:03:04.000005'", "'1 year -2 mons 3 days'", "'720:00'"],
    "json": ['\'{"a": 1,  "a": 2}\'', "'\"\\u0000\"'", "'\"\\ud800\"'", "'1e400000'", "'null'", "' [ ] '"],
    "jsonb": ["'null'", "'{\"a\": 1.0}'", "'{\"a\": 1.00}'", "'\"x\"'", "'[]'", "'12345678901234567890.5'"],
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
}

CAPTURE = """SET DateStyle = 'SQL, DMY'; SET IntervalStyle = sql_standard; SET TimeZone = 'Asia/Kolkata';
    SET extra_float_digits = -15; SET bytea_output = escape; SET quote_all_identifiers = on; SET xmloption = document"""
RESTORE = """SET DateStyle = 'German'; SET IntervalStyle = iso_8601; SET TimeZone = 'America/St_Johns';
    SET extra_float_digits = 0; SET bytea_output = escape; SET quote_all_identifiers = off"""


@pytest.mark.parametrize("type_name", VALUES)
def test_a_type_is_exact(conn: Conn, audit: Audit, type_name: str) -> None:
    conn.execute(SETUP)
    create = (
        f"CREATE TABLE one (id int PRIMARY KEY, value {type_name}); CREATE TABLE seen (step serial, LIKE one)"
    )
    conn.execute(create.encode())
    audit.install("one")
    conn.execute(CAPTURE)
    values = ["NULL", *VALUES[type_name], "NULL"]
    conn.execute(f"INSERT INTO one SELECT 1, {values[0]}".encode())
    conn.execute("INSERT INTO seen SELECT nextval('seen_step_seq'), * FROM one")
    for value in values[1:]:
        conn.execute(f"UPDATE one SET value = {value}".encode())
        conn.execute("INSERT INTO seen SELECT nextval('seen_step_seq'), * FROM one")
    conn.execute("DELETE FROM one")
    conn.execute("RESET DateStyle; RESET TimeZone")  # psycopg reads no times under other styles
    versions = audit.versions("one", 1)
    conn.execute(RESTORE)
    # Every update changed bytes, so every one is there; and the deletion at the end.
    assert len(versions) == len(values) + 1
    for step, version in enumerate(versions[:-1], start=1):
        audit.restore(version=version.id)
        same = conn.execute(
            """SELECT record_image_eq(ROW(one.value), ROW(seen.value)), one.value::text, seen.value::text
               FROM one, seen WHERE seen.step = %s""",
            [step],
        ).fetchone()
        assert same is not None
        assert same[0], f"step {step}: {same[1:]}"
