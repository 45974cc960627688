"""Every type, captured under hostile settings and restored under others, is byte for byte what it was."""

from __future__ import annotations

import decimal
import os
import random
from decimal import Decimal

import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import BINDIR_VARIABLE
from tests.conftest import Conn

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
    "timestamptz(0)": ["'2026-02-01 03:04:05+02'", "'infinity'"],
    "interval day to second(3)": ["'1 02:03:04.005'", "'-1 day'"],
    "bit varying(10)": ["B'0000000000'", "B'1'"],
    'text COLLATE "C"': ["'a'", "'A'"],
}

ABOUT = "'~6.25 .. 6.50'"
CONTRIB: dict[str, tuple[str, list[str]]] = {
    "hstore": ("hstore", ['\'"a b"=>"1", b=>NULL, "=>"=>"\\""\'', "''"]),
    "hstore[]": ("hstore", ["ARRAY['a=>1'::hstore, NULL]", "'{}'"]),
    "citext": ("citext", ["'A'", "'a'"]),
    "citext[]": ("citext", ["'{A}'", "'{a}'"]),
    "ltree": ("ltree", ["'Top.Science.Astronomy'", "''"]),
    "lquery": ("ltree", ["'*.a@|b*{1,2}'", "'a'"]),
    "ltree[]": ("ltree", ["'{a.b,c}'", "'{}'"]),
    "cube": ("cube", ["'(1,2.1),(3,4)'", "'(0.1,-0)'", "'(0.1,0)'", "'()'"]),
    "seg": ("seg", ["'6.50'", "'6.5'", ABOUT, "'<6'"]),
    "isbn": ("isn", ["'0-393-04002-X'", "'1-4028-9462-7'"]),
    "ean13": ("isn", ["'0220356483481'", "'0220356483481!'"]),
    "vector": ("vector", ["'[0.1,-0,3e-30]'", "'[0.1,0,3]'"]),
    "halfvec": ("vector", ["'[0.1,2]'", "'[0.2,2]'"]),
    "sparsevec": ("vector", ["'{1:0.5,3:2}/5'", "'{}/5'"]),
    "lo": ("lo", ["1", "2"]),
}

# What a session may have set, and what changes how values are written or read.
SETTINGS: dict[str, list[str]] = {
    "DateStyle": ["ISO, MDY", "SQL, DMY", "SQL, MDY", "German", "Postgres, DMY", "Postgres, YMD"],
    "IntervalStyle": ["postgres", "postgres_verbose", "sql_standard", "iso_8601"],
    "TimeZone": ["UTC", "Asia/Kolkata", "America/St_Johns", "<+0541>-05:41", "Pacific/Apia"],
    "extra_float_digits": ["-15", "0", "1", "3"],
    "bytea_output": ["hex", "escape"],
    "lc_monetary": ["C", "POSIX", "C.utf8"],
    "search_path": [
        "public",
        '"$user", public',
        "pg_temp, public",
        "public, pg_catalog",
        "pg_catalog, pg_temp, public",
    ],
    "quote_all_identifiers": ["on", "off"],
    "standard_conforming_strings": ["on", "off"],
    "backslash_quote": ["on", "off"],
    "escape_string_warning": ["off"],
    "xmloption": ["content", "document"],
    "transform_null_equals": ["on", "off"],
    "plan_cache_mode": ["auto", "force_generic_plan", "force_custom_plan"],
    "row_security": ["on", "off"],
    "check_function_bodies": ["on", "off"],
    "default_text_search_config": ["simple", "english"],
}


def some_settings(chance: random.Random) -> str:
    chosen = {name: chance.choice(values) for name, values in SETTINGS.items()}
    return "; ".join(f"SELECT set_config('{name}', '{value}', false)" for name, value in chosen.items())


@pytest.mark.parametrize("seed", range(6))
def test_types_under_any_settings(conn: Conn, audit: Audit, seed: int) -> None:
    """One table of all types; what is set at capture, and independently at restore, is drawn anew for each row."""
    chance = random.Random(seed)
    conn.execute(SETUP)
    # Those whose text names something that may be missing from the search_path are looked at by themselves.
    names = [name for name in VALUES if not name.startswith("reg")]
    columns = ", ".join(f"c{number} {name}" for number, name in enumerate(names))
    conn.execute(f"CREATE TABLE wide (id int PRIMARY KEY, {columns}); CREATE TABLE seen (LIKE wide)".encode())
    for row in range(1, 7):
        values = ", ".join(
            f"({chance.choice([*VALUES[name], 'NULL'])})::{name.partition(' COLLATE')[0]}" for name in names
        )
        conn.execute(f"INSERT INTO seen VALUES ({row}, {values})".encode())
    audit.install("public.wide")
    copied = ", ".join(f"c{number} = s.c{number}" for number in range(len(names)))
    for row in range(1, 7):
        conn.execute(some_settings(chance).encode())
        conn.execute("INSERT INTO public.wide SELECT * FROM public.seen WHERE id = %s", [row])
        other = f"UPDATE public.wide AS w SET {copied} FROM public.seen AS s WHERE w.id = %s AND s.id = %s"
        conn.execute(other.encode(), [row, row % 6 + 1])
        conn.execute("DELETE FROM public.wide WHERE id = %s", [row])
    for row in range(1, 7):
        conn.execute("RESET ALL")  # psycopg reads no times under other styles
        created, updated, deleted = audit.versions("wide", row)
        for version, like in ((created, row), (deleted, row % 6 + 1), (created, row), (updated, row % 6 + 1)):
            conn.execute(some_settings(chance).encode())
            audit.restore(version=version.id)
            conn.execute("RESET ALL")
            # Row images cannot be compared whole: each value by itself says which type is to blame.
            same = ", ".join(
                f"record_image_eq(ROW(w.c{number}), ROW(s.c{number}))" for number in range(len(names))
            )
            compare = f"SELECT {same} FROM wide AS w, seen AS s WHERE w.id = %s AND s.id = %s"
            (equal,) = conn.execute(compare.encode(), [row, like]).fetchall()
            assert [name for name, one in zip(names, equal, strict=True) if not one] == []
    conn.execute("DELETE FROM wide")
    assert [problem.problem for problem in audit.verify_table("wide")] == []


@pytest.mark.every_major
@pytest.mark.parametrize("type_name", CONTRIB)
@pytest.mark.parametrize("schema", ["public", "elsewhere"])
def test_a_type_of_an_extension_is_exact(conn: Conn, audit: Audit, type_name: str, schema: str) -> None:
    """Also where the extension lies in a schema that no search_path of ours has."""
    extension, values = CONTRIB[type_name]
    if extension == "vector" and BINDIR_VARIABLE in os.environ:
        pytest.skip("only the wheel's server comes with the extension vector")
    if (
        conn.info.server_version < 180000
    ):  # where its own text, and so a dump, loses the upper bound; see limits.md
        values = [value for value in values if value != ABOUT]
    conn.execute("CREATE SCHEMA elsewhere; SET search_path = public, elsewhere")
    conn.execute(f"CREATE EXTENSION {extension} SCHEMA {schema}".encode())
    check_type(conn, audit, type_name, values)


CAPTURE = """SET DateStyle = 'SQL, DMY'; SET IntervalStyle = sql_standard; SET TimeZone = 'Asia/Kolkata';
    SET extra_float_digits = -15; SET bytea_output = escape; SET quote_all_identifiers = on; SET xmloption = document"""
RESTORE = """SET DateStyle = 'German'; SET IntervalStyle = iso_8601; SET TimeZone = 'America/St_Johns';
    SET extra_float_digits = 0; SET bytea_output = escape; SET quote_all_identifiers = off"""


@pytest.mark.every_major
@pytest.mark.parametrize("type_name", VALUES)
def test_a_type_is_exact(conn: Conn, audit: Audit, type_name: str) -> None:
    conn.execute(SETUP)
    check_type(conn, audit, type_name, VALUES[type_name])


def check_type(conn: Conn, audit: Audit, type_name: str, some: list[str]) -> None:
    """Write values one after the other, each over the one before, and restore every version."""
    create = (
        f"CREATE TABLE one (id int PRIMARY KEY, value {type_name}); CREATE TABLE seen (step serial, LIKE one)"
    )
    conn.execute(create.encode())
    audit.install("one")
    conn.execute(CAPTURE)
    values = ["NULL", *some, "NULL"]
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


def test_numbers_of_any_length_are_read_exactly(conn: Conn, audit: Audit) -> None:
    """The longest that PostgreSQL holds, which Python neither makes an int of nor may cut."""
    longest = "9" * 131_072
    numbers = {
        "long": longest,
        "negative": "-" + longest,
        "fraction": "0." + "123456789" * 1_800,
        "both": longest + "." + "5" * 16_383,
        "precise": "0.123456789012345678901234567890",
        "scale": "1.00",
        "big": "12345678901234567890",
    }
    conn.execute("CREATE TABLE numbers (name text PRIMARY KEY, number numeric, doc jsonb)")
    audit.install("numbers")
    for name, number in numbers.items():
        conn.execute(
            "INSERT INTO numbers VALUES (%s, %s::text::numeric, jsonb_build_object('n', %s::text::numeric))",
            [name, number, number],
        )
    conn.execute("UPDATE numbers SET number = -number")
    for name, number in numbers.items():
        created, updated = audit.history("numbers", name)
        assert created.state is not None
        for read in (created.state["number"], created.state["doc"]["n"], updated.changes["number"].old):
            with decimal.localcontext(prec=200_000):
                assert Decimal(read) == Decimal(number)
                assert str(Decimal(read)).lstrip("+") == number
        audit.restore(version=created.id)
        same = "SELECT record_image_eq(ROW(number), ROW(%s::text::numeric)) FROM numbers WHERE name = %s"
        assert conn.execute(same, [number, name]).fetchone() == (True,)
    for number in ("NaN", "Infinity", "-Infinity"):
        conn.execute("UPDATE numbers SET number = %s WHERE name = 'big'", [number])
        assert audit.activity().items[0].changes["number"].new == number
    assert audit.diff(audit.versions("numbers", "scale")[0].id, audit.versions("numbers", "big")[0].id)[
        "number"
    ].old == Decimal("1.00")


def test_null_and_null(conn: Conn, audit: Audit) -> None:
    """SQL NULL and JSON null are two things, in a diff and in a restore."""
    conn.execute("CREATE TABLE docs (id int PRIMARY KEY, plain json, doc jsonb)")
    audit.install("docs")
    conn.execute("INSERT INTO docs VALUES (1, NULL, NULL)")
    conn.execute("UPDATE docs SET plain = 'null', doc = 'null'")
    conn.execute("UPDATE docs SET plain = NULL, doc = NULL")
    created, filled, emptied = audit.history("docs", 1)
    assert created.state == {"id": 1, "plain": None}
    assert filled.state == {"id": 1, "plain": "null", "doc": None}
    assert {name: dict(change.raw) for name, change in filled.changes.items()} == {
        "plain": {"old": None, "new": "null"}, "doc": {"new": None},
    }  # fmt: skip
    assert dict(emptied.changes["doc"].raw) == {"old": None}
    assert dict(audit.diff(created.id, filled.id)["doc"].raw) == {"new": None}
    nulls = "SELECT plain IS NULL, doc IS NULL, plain::text, doc::text FROM docs"
    audit.restore(version=filled.id)
    assert conn.execute(nulls).fetchone() == (False, False, "null", "null")
    audit.restore(version=emptied.id)
    assert conn.execute(nulls).fetchone() == (True, True, None, None)


def test_nulls_in_arrays_are_exact_under_any_setting(conn: Conn, audit: Audit) -> None:
    conn.execute(
        "CREATE TABLE one (id int PRIMARY KEY, value text[]); INSERT INTO one VALUES (1, '{a,NULL}')"
    )
    audit.install("one")
    conn.execute("DELETE FROM one")
    conn.execute("SET array_nulls = off")
    audit.restore(version=audit.activity().items[0].id)
    assert conn.execute("SELECT value FROM one").fetchone() == (["a", None],)
