"""Every type, captured under hostile settings and restored under others, is byte for byte what it was.

Types and their values are in `tests/integration/type_values.py`; `type_making.py` makes others of them.
"""

from __future__ import annotations

import decimal
import random
from collections.abc import Sequence
from decimal import Decimal

import psycopg
import pytest

from pgaudit_py import Audit
from tests.conftest import Conn
from tests.integration.type_making import Made, Maker
from tests.integration.type_values import CONTRIB, NO_VALUES, SETUP, SINCE, VALUES, XML, values_of

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
    "xmlbinary": ["base64", "hex"],
    "array_nulls": ["on", "off"],
    "client_encoding": ["UTF8", "GB18030"],
    "transform_null_equals": ["on", "off"],
    "plan_cache_mode": ["auto", "force_generic_plan", "force_custom_plan"],
    "row_security": ["on", "off"],
    "check_function_bodies": ["on", "off"],
    "default_text_search_config": ["simple", "english"],
}


def some_settings(chance: random.Random) -> str:
    chosen = {name: chance.choice(values) for name, values in SETTINGS.items()}
    return "; ".join(f"SELECT set_config('{name}', '{value}', false)" for name, value in chosen.items())


def major_of(conn: Conn) -> int:
    return conn.info.server_version // 10000


@pytest.mark.parametrize("seed", range(6))
def test_types_under_any_settings(conn: Conn, audit: Audit, seed: int) -> None:
    """One table of all types; what is set at capture, and independently at restore, is drawn anew for each row."""
    chance = random.Random(seed)
    conn.execute(SETUP)
    maker = Maker(chance, values_of(major_of(conn)))
    # Those whose text names something that may be missing from the search_path are looked at by themselves.
    check_table(
        conn, audit, chance, [maker.builtin(name) for name in maker.values if not name.startswith("reg")]
    )


@pytest.mark.parametrize("seed", range(12))
def test_types_made_of_others_under_any_settings(conn: Conn, audit: Audit, seed: int) -> None:
    """Arrays, composites, domains, enums and ranges, made of random types and of one another."""
    chance = random.Random(seed)
    conn.execute(SETUP)
    conn.execute(
        "CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION cube; CREATE EXTENSION ltree"
    )
    values = values_of(major_of(conn)) | {
        name: CONTRIB[name][1] for name in ("hstore", "citext", "cube", "ltree")
    }
    maker = Maker(chance, values)
    made = maker.make(30)
    conn.execute("; ".join(maker.statements).encode())
    check_table(conn, audit, chance, made)


def check_table(conn: Conn, audit: Audit, chance: random.Random, types: Sequence[Made]) -> None:
    """Write rows of random values under random settings, and restore each of their versions under others."""
    columns = ", ".join(f"c{number} {one.name}" for number, one in enumerate(types))
    conn.execute(f"CREATE TABLE wide (id int PRIMARY KEY, {columns}); CREATE TABLE seen (LIKE wide)".encode())
    for row in range(1, 7):
        values = (one.value() if not one.nullable or chance.random() < 0.8 else "NULL" for one in types)
        conn.execute(f"INSERT INTO seen VALUES ({row}, {', '.join(values)})".encode())
    audit.install("public.wide")
    copied = ", ".join(f"c{number} = s.c{number}" for number in range(len(types)))
    for row in range(1, 7):
        conn.execute(some_settings(chance).encode())
        conn.execute("INSERT INTO public.wide SELECT * FROM public.seen WHERE id = %s", [row])
        other = f"UPDATE public.wide AS w SET {copied} FROM public.seen AS s WHERE w.id = %s AND s.id = %s"
        conn.execute(other.encode(), [row, row % 6 + 1])
        conn.execute("DELETE FROM public.wide WHERE id = %s", [row])
    # Row images cannot be compared whole: each value by itself says which type is to blame.
    same = ", ".join(f"record_image_eq(ROW(w.c{number}), ROW(s.c{number}))" for number in range(len(types)))
    compare = f"SELECT {same} FROM wide AS w, seen AS s WHERE w.id = %s AND s.id = %s"
    for row in range(1, 7):
        conn.execute("RESET ALL")  # psycopg reads no times under other styles
        created, updated, deleted = audit.versions("wide", row)
        for version, like in ((created, row), (deleted, row % 6 + 1), (created, row), (updated, row % 6 + 1)):
            conn.execute(some_settings(chance).encode())
            audit.restore(version=version.id)
            conn.execute("RESET ALL")
            (equal,) = conn.execute(compare.encode(), [row, like]).fetchall()
            differs = [number for number, one in enumerate(equal) if not one]
            shown = f"SELECT w.c{{0}}::text, s.c{{0}}::text FROM wide AS w, seen AS s WHERE w.id = {row} AND s.id = {like}"
            assert [(types[n].name, conn.execute(shown.format(n).encode()).fetchall()) for n in differs] == []
    conn.execute("DELETE FROM wide")
    assert [problem.problem for problem in audit.verify_table("wide")] == []


def test_no_type_of_the_server_is_forgotten(conn: Conn) -> None:
    """One that a new major brings has to be given values, or a reason why there are none."""
    types = """
        SELECT t.typname::text FROM pg_type AS t
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype NOT IN ('p', 'c')  -- pseudo-types, rows of tables
            AND NOT EXISTS (SELECT FROM pg_type AS of WHERE of.typarray = t.oid)"""
    bare = [name.partition(" COLLATE")[0] for name in values_of(major_of(conn))]
    conn.execute(SETUP)
    known = conn.execute(
        "SELECT t.typname::text FROM unnest(%s::text[]) AS n JOIN pg_type AS t ON t.oid = to_regtype(n)",
        [bare],
    )
    names = {name for (name,) in known.fetchall()} | {"xml"}
    assert {name for (name,) in conn.execute(types).fetchall()} - names == NO_VALUES.keys()


@pytest.mark.parametrize("type_name", NO_VALUES)
def test_a_type_of_which_nothing_can_be_written(conn: Conn, type_name: str) -> None:
    with pytest.raises(
        psycopg.errors.FeatureNotSupported, match=r"cannot accept a value of type|not implemented"
    ):
        conn.execute(f"SELECT 'x'::{type_name}".encode())


@pytest.fixture
def has_xml(conn: Conn) -> None:
    try:
        conn.execute("SELECT '<a/>'::xml")
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("this server was built without libxml")


@pytest.mark.usefixtures("has_xml")
def test_xml_is_exact_but_for_its_declaration(conn: Conn, audit: Audit) -> None:
    """See docs/explanation/limits.md: PostgreSQL itself does not print a version 1.0, nor an encoding."""
    check_type(conn, audit, "xml", XML)
    conn.execute("RESET ALL; CREATE TABLE two (id int PRIMARY KEY, value xml)")
    audit.install("two")
    written = '<?xml version="1.0" encoding="UTF-8"?><a>é</a>'
    conn.execute("INSERT INTO two VALUES (1, %s)", [written])
    conn.execute("DELETE FROM two")
    audit.restore(version=audit.versions("two", 1)[0].id)
    assert conn.execute("SELECT format('%s', value) FROM two").fetchone() == ("<a>é</a>",)
    (same,) = conn.execute("SELECT record_image_eq(ROW(value), ROW(%s::xml)) FROM two", [written]).fetchall()[
        0
    ]
    assert not same


@pytest.mark.unverified
def test_a_name_does_not_follow_what_it_names(conn: Conn, audit: Audit) -> None:
    """See docs/explanation/limits.md: regclass and its like are kept by name."""
    conn.execute("CREATE TABLE named (); CREATE TABLE one (id int PRIMARY KEY, value regclass)")
    audit.install("one")
    conn.execute("INSERT INTO one VALUES (1, 'named')")
    created = audit.versions("one", 1)[0]
    assert audit.version(created.id) == {"id": 1, "value": "public.named"}
    conn.execute("ALTER TABLE named RENAME TO renamed")
    (problem,) = audit.verify_table("one")
    assert (problem.expected, problem.found_value) == ("public.named", "public.renamed")
    conn.execute("CREATE TABLE named ()")
    audit.restore(version=created.id)
    assert conn.execute("SELECT value::text FROM one").fetchone() == ("named",)
    assert audit.verify_table("one")[0].problem == "the value before is not the one the log had"
    conn.execute("UPDATE one SET value = NULL; DROP TABLE named")
    with pytest.raises(psycopg.errors.UndefinedTable):
        audit.restore(version=created.id)


@pytest.mark.parametrize("type_name", ["regclass", "regtype[]", "regrole"])
def test_a_session_that_quotes_all_identifiers_writes_the_same(
    conn: Conn, audit: Audit, type_name: str
) -> None:
    value = {"regclass": "pg_class", "regtype[]": "{integer}", "regrole": "postgres"}[type_name]
    conn.execute(f"CREATE TABLE one (id int PRIMARY KEY, value {type_name}, n int)".encode())
    audit.install("one")
    conn.execute("SET quote_all_identifiers = on")
    conn.execute("INSERT INTO one VALUES (1, %s, 0)", [value])
    conn.execute("ALTER TABLE one ADD late int; UPDATE one SET n = 1")
    assert [(one.snapshot or {})["value"] for one in audit.activity()] == [value, value]
    assert audit.verify_table("one") == []
    conn.execute("SET quote_all_identifiers = off")
    assert audit.verify_table("one") == []


ALIKE = {
    "numeric": ("1.0", "1.00"),
    "citext": ("'A'", "'a'"),
    "interval": ("'1 mon'", "'30 days'"),
    "real": ("0", "'-0'"),
    "double precision": ("0", "'-0'"),
    "point": ("'(0,1)'", "'(-0,1)'"),
    "box": ("'(2,2),(0,0)'", "'(4,1),(0,0)'"),
    "circle": ("'<(0,0),1>'", "'<(9,9),1>'"),
    "jsonb": ("'{\"a\": 1.0}'", "'{\"a\": 1.00}'"),
    "json": ("'{\"a\":1}'", "'{\"a\": 1}'"),
    "timetz": ("'12:00+00'", "'14:00+02'"),
    "numeric[]": ("'{1.0}'", "'{1.00}'"),
    "numrange": ("'[1.0,2]'", "'[1.00,2]'"),
    "char(5)": ("'a'", "'A'"),
    "seg": ("'6.5'", "'6.50'"),
    "text[]": ("'{a}'", "'[0:0]={a}'"),
    "int[]": ("'{1,2}'", "'[3:4]={1,2}'"),
    "text COLLATE equal": ("'a'", "'A'"),
}
"""Values that PostgreSQL, or a reader, takes for equal."""


@pytest.mark.parametrize("type_name", ALIKE)
def test_what_looks_equal_leaves_a_diff(conn: Conn, audit: Audit, type_name: str) -> None:
    if type_name in CONTRIB:
        conn.execute(f"CREATE EXTENSION {CONTRIB[type_name][0]}".encode())
    if "equal" in type_name:
        try:
            conn.execute(
                "CREATE COLLATION equal (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
            )
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server was built without ICU, and has no collation of other than equal bytes")
    first, second = ALIKE[type_name]
    conn.execute(f"CREATE TABLE one (id int PRIMARY KEY, value {type_name})".encode())
    audit.install("one")
    conn.execute(f"INSERT INTO one VALUES (1, {first}); UPDATE one SET value = {second}".encode())
    _, updated = audit.history("one", 1)
    assert updated.changes.keys() == {"value"}
    assert updated.changes["value"].old != updated.changes["value"].new or isinstance(
        updated.changes["value"].old, (Decimal, dict)
    )
    texts = "SELECT changes -> 'value' ->> 'old', changes -> 'value' ->> 'new' FROM pgaudit_py.activity_log WHERE operation = 'U'"
    old, new = conn.execute(texts).fetchall()[0]
    assert old != new
    conn.execute("UPDATE one SET value = value")
    assert len(audit.history("one", 1)) == 2


def test_a_table_of_as_many_columns_as_there_can_be(conn: Conn, audit: Audit) -> None:
    conn.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, {', '.join(f'c{n} int' for n in range(1599))})".encode()
    )
    audit.install("t")
    conn.execute(f"INSERT INTO t VALUES (1, {', '.join(str(n) for n in range(1599))})".encode())
    conn.execute("UPDATE t SET c7 = -1, c1598 = NULL; DELETE FROM t")
    created, updated, deleted = audit.history("t", 1)
    state = {"id": 1, **{f"c{n}": n for n in range(1599)}}
    assert (created.state, deleted.state) == (state, {**state, "c7": -1, "c1598": None})
    assert {name: dict(one.raw) for name, one in updated.changes.items()} == {
        "c7": {"old": 7, "new": -1}, "c1598": {"old": 1598, "new": None},
    }  # fmt: skip
    audit.restore(version=created.id)
    assert conn.execute("SELECT c7, c1598 FROM t").fetchone() == (7, 1598)
    conn.execute("ALTER TABLE t DROP c0; UPDATE t SET c1 = -1")
    assert audit.history("t", 1)[-1].changes.keys() == {"c1"}


@pytest.mark.parametrize("storage", ["EXTENDED", "EXTERNAL"])
def test_large_values_that_did_not_change(conn: Conn, audit: Audit, storage: str) -> None:
    """A row of columns that lie out of line: what is not written is not in the diff, nor what is written as it was."""
    conn.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, n int, {', '.join(f'c{n} text' for n in range(20))})".encode()
    )
    conn.execute(
        f"ALTER TABLE t {', '.join(f'ALTER c{n} SET STORAGE {storage}' for n in range(20))}".encode()
    )
    audit.install("t")
    long = "(SELECT string_agg(md5((i * {0})::text), '') FROM generate_series(1, 256) AS i)"
    conn.execute(f"INSERT INTO t VALUES (1, 0, {', '.join(long.format(n) for n in range(1, 21))})".encode())
    assert conn.execute("SELECT length(c0), length(c19) FROM t").fetchone() == (8192, 8192)
    conn.execute("UPDATE t SET n = 1")
    conn.execute("UPDATE t SET n = 2, c3 = c3, c4 = c4 || '', c5 = c6")
    conn.execute("UPDATE t SET c7 = c7 || ''")
    _, counted, copied = audit.history("t", 1)
    assert counted.changes.keys() == {"n"}
    assert copied.changes.keys() == {"n", "c5"}


@pytest.mark.every_major
@pytest.mark.parametrize("type_name", CONTRIB)
@pytest.mark.parametrize("schema", ["public", "elsewhere"])
def test_a_type_of_an_extension_is_exact(conn: Conn, audit: Audit, type_name: str, schema: str) -> None:
    """Also where the extension lies in a schema that no search_path of ours has."""
    extension, values = CONTRIB[type_name]
    if not conn.execute("SELECT FROM pg_available_extensions WHERE name = %s", [extension]).fetchall():
        pytest.skip(f"this server has no extension {extension}")
    conn.execute("CREATE SCHEMA elsewhere; SET search_path = public, elsewhere")
    conn.execute(f"CREATE EXTENSION {extension} SCHEMA {schema}".encode())
    check_type(conn, audit, type_name, values)


def test_a_seg_is_as_exact_as_its_server_prints_it(conn: Conn, audit: Audit) -> None:
    """See docs/explanation/limits.md: PostgreSQL 15 prints no upper bound where one is certain and the other is not."""
    conn.execute("CREATE EXTENSION seg; CREATE TABLE one (id int PRIMARY KEY, value seg)")
    audit.install("one")
    conn.execute("INSERT INTO one VALUES (1, '~6.25 .. 6.50')")
    prints = "SELECT record_image_eq(ROW(value), ROW(format('%s', value)::seg)) FROM one"
    (printed,) = conn.execute(prints).fetchall()[0]
    conn.execute("DELETE FROM one")
    audit.restore(version=audit.versions("one", 1)[0].id)
    restored = conn.execute(
        "SELECT record_image_eq(ROW(value), ROW('~6.25 .. 6.50'::seg)) FROM one"
    ).fetchone()
    assert restored == (printed,)
    assert printed or major_of(conn) < 18


CAPTURE = """SET DateStyle = 'SQL, DMY'; SET IntervalStyle = sql_standard; SET TimeZone = 'Asia/Kolkata';
    SET extra_float_digits = -15; SET bytea_output = escape; SET quote_all_identifiers = on; SET xmloption = document"""
RESTORE = """SET DateStyle = 'German'; SET IntervalStyle = iso_8601; SET TimeZone = 'America/St_Johns';
    SET extra_float_digits = 0; SET bytea_output = escape; SET quote_all_identifiers = off"""


@pytest.mark.every_major
@pytest.mark.parametrize("type_name", sorted({*VALUES, *(name for more in SINCE.values() for name in more)}))
def test_a_type_is_exact(conn: Conn, audit: Audit, type_name: str) -> None:
    conn.execute(SETUP)
    values = values_of(major_of(conn))
    if type_name not in values:
        pytest.skip(f"PostgreSQL {major_of(conn)} has no {type_name} yet")
    check_type(conn, audit, type_name, values[type_name])


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
