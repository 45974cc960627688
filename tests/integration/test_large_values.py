"""Values over the limit: the write goes through, and the log says what it does not have, and how to know it again."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import OptionError, RestoreConflict
from tests.conftest import Conn, Run

LIMIT = 10_000
BIG = {
    "text": "repeat('é', 6000)",
    "varchar": "repeat('x', 10001)",
    "bytea": "decode(repeat('ab', 5000), 'hex')",
    "json": "json_build_object('a', repeat(E'\\n', 6000))",
    "jsonb": "jsonb_build_object('a', repeat('x', 12000), 'n', NULL)",
    "text[]": "array_fill('x'::text, ARRAY[6000])",
    "bigint[]": "array_fill(1234567890123456789, ARRAY[1000])",
    "numeric[]": "array_fill(1e9000, ARRAY[2])",
    "bit varying": "repeat('1', 10001)::varbit",
    "hstore": "hstore('k', repeat('v', 12000))",
}
"""Values whose text is longer than LIMIT; most of them are small where they are stored, compressed."""


def digest(text: str) -> dict[str, Any]:
    return {"bytes": len(text.encode()), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def told(conn: Conn) -> list[Any]:
    """What the log has, in order."""
    return conn.execute(
        "SELECT operation::text, changes, snapshot, omitted FROM pgaudit_py.activity_log WHERE operation <> 'T' ORDER BY id"
    ).fetchall()


@pytest.mark.parametrize("snapshots", ["changes", "all"])
@pytest.mark.parametrize("type_name", BIG)
def test_a_value_over_the_limit(
    conn: Conn, audit: Audit, type_name: str, snapshots: Literal["changes", "all"]
) -> None:
    """In every operation, and unknown afterwards: never NULL, never restored."""
    conn.execute("CREATE EXTENSION hstore")
    create = f"CREATE TABLE t (id int PRIMARY KEY, n int, v {type_name}); CREATE TABLE kept (LIKE t)"
    conn.execute(create.encode())
    audit.install("t", value_limit=LIMIT, snapshots=snapshots)
    big = BIG[type_name]
    bigger = f"({big})" if type_name in {"json", "jsonb", "hstore"} else f"({big}) || ({big})"
    conn.execute(f"INSERT INTO t VALUES (1, 0, {big})".encode())
    (text, other) = conn.execute(f"SELECT format('%s', {big}), format('%s', {bigger})".encode()).fetchall()[0]
    conn.execute("UPDATE t SET n = 1")
    conn.execute("UPDATE t SET n = n, v = v")
    conn.execute("UPDATE t SET v = NULL")
    conn.execute(f"UPDATE t SET v = {big}".encode())
    if bigger.count(big) > 1:
        conn.execute(f"UPDATE t SET v = {bigger}".encode())
    else:
        other = text
    conn.execute("DELETE FROM t")
    first = {"v": {"why": "size", **digest(text)}}
    last = {"v": {"why": "size", **digest(other)}}
    none: dict[str, Any] = {} if type_name == "jsonb" else {"v": None}
    rest: dict[str, Any] = {"id": 1, "n": 1}
    whole = snapshots == "all"
    expected: list[Any] = [
        ("I", None, {"id": 1, "n": 0}, first),
        ("U", {"n": {"old": 0, "new": 1}}, rest if whole else None, first if whole else None),
        ("U", {"v": {"new": None} if none else {}}, {**rest, **none}, {"v": {"why": "size", "old": digest(text)}}),
        ("U", {"v": {"old": None} if none else {}}, rest, first),
    ]  # fmt: skip
    if other != text:
        both = {"v": {"why": "size", **digest(other), "old": digest(text)}}
        expected.append(("U", {"v": {}}, rest, both))
    expected.append(("D", None, rest, last))
    assert told(conn) == expected
    assert audit.verify_table("t") == []
    states = [entry.state for entry in audit.history("t", 1)]
    known: list[Any] = [{"id": 1, "n": 0}, rest, {**rest, **none}, rest]
    assert states == [*known, *([rest] if other != text else []), rest]
    assert [audit.version(one.id) for one in audit.versions("t", 1)] == states
    created, *_, deleted = audit.versions("t", 1)
    plan = audit.plan_restore(version=created.id)
    assert plan.left_out == {"v": f"too large to be kept: {len(text.encode())} bytes"}
    audit.restore(version=deleted.id)  # the row comes back without it
    assert conn.execute("SELECT n, v IS NULL FROM t").fetchall() == [(1, True)]
    assert audit.verify_table("t") == []


@pytest.fixture
def docs(conn: Conn, audit: Audit) -> Conn:
    """A table whose rows 1 and 3 have a value over its limit."""
    conn.execute("CREATE TABLE docs (id int PRIMARY KEY, n int, body text, doc jsonb)")
    conn.execute("INSERT INTO docs SELECT i, 0, repeat('x', 3000 * i), '{}' FROM generate_series(1, 4) AS i")
    audit.install("docs", value_limit=LIMIT)
    return conn


LARGE = {"why": "size", **digest("x" * 12000)}


def test_a_limit_is_of_one_value(docs: Conn, audit: Audit) -> None:
    """A text of that length is kept, one byte more is not; many that are smaller are kept, however large their row is."""
    docs.execute("INSERT INTO docs VALUES (10, 0, repeat('x', 10000), to_jsonb(repeat('y', 9000)))")
    docs.execute("UPDATE docs SET body = repeat('z', 10000) WHERE id = 10")
    docs.execute(
        "UPDATE docs SET body = repeat('z', 10001), doc = to_jsonb(repeat('y', 10001)) WHERE id = 10"
    )
    large, changed, created = audit.activity(limit=3)
    assert (created.omitted, changed.omitted) == ({}, {})
    assert changed.changes["body"].raw == {"old": "x" * 10000, "new": "z" * 10000}
    assert large.omitted == {
        "body": {"why": "size", **digest("z" * 10001)},
        "doc": {"why": "size", **digest('"' + "y" * 10001 + '"')},
    }
    assert (large.changes["body"].old, large.changes["body"].omitted) == (
        "z" * 10000,
        {"new": digest("z" * 10001)},
    )


def test_a_person_checks_a_value_against_the_log(docs: Conn) -> None:
    """In SQL, as docs/explanation/capture.md says."""
    docs.execute("UPDATE docs SET doc = jsonb_build_object('a', repeat('x', 12000)) WHERE id = 1")
    known = docs.execute(
        """SELECT l.omitted -> 'doc' ->> 'sha256' = encode(sha256(convert_to(format('%s', d.doc), 'UTF8')), 'hex')
           FROM docs AS d, pgaudit_py.activity_log AS l WHERE d.id = 1"""
    )
    assert known.fetchall() == [(True,)]


def test_what_came_before_the_first_change(docs: Conn, audit: Audit) -> None:
    """A value that was replaced is told by the change that replaced it, also by one that is too large itself."""
    before = docs.execute("SELECT now()").fetchall()[0][0]
    docs.execute("UPDATE docs SET body = repeat('x', 12000), doc = NULL WHERE id = 1")
    docs.execute("UPDATE docs SET body = 'short' WHERE id = 4")
    assert audit.record_at("docs", 1, at=before) == {"id": 1, "n": 0, "body": "x" * 3000, "doc": {}}
    assert audit.record_at("docs", 4, at=before) == {"id": 4, "n": 0, "doc": {}}
    assert audit.plan_restore(subject=("docs", 4), at=before).left_out == {
        "body": "too large to be kept: 12000 bytes"
    }
    large, *_ = audit.versions("docs", 1)
    assert audit.version(large.id) == {"id": 1, "n": 0}
    docs.execute("UPDATE docs SET body = '', doc = '1' WHERE id = 1")
    assert audit.restore(version=large.id).left_out == {"body": "too large to be kept: 12000 bytes"}
    assert docs.execute("SELECT body, doc FROM docs WHERE id = 1").fetchone() == ("", None)
    assert audit.diff(large.id, audit.versions("docs", 1)[-1].id) == {}


def test_a_row_that_cannot_come_back_without_it(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, body text NOT NULL)")
    audit.install("t", value_limit=LIMIT)
    conn.execute("INSERT INTO t VALUES (1, repeat('x', 12000)); DELETE FROM t")
    with pytest.raises(RestoreConflict, match="body was not recorded, and may not be NULL"):
        audit.restore(version=audit.versions("t", 1)[-1].id)


def test_a_truncate_a_snapshot_and_a_baseline(docs: Conn, audit: Audit) -> None:
    assert audit.baseline("docs").rows == 4
    audit.snapshot("docs", 4, label="label")
    docs.execute("TRUNCATE docs")
    found = {"S": [{}, {}, {}, {"body": LARGE}, {"body": LARGE}], "D": [{}, {}, {}, {"body": LARGE}]}
    for operation, omitted in found.items():
        rows = [one for one in reversed(audit.activity().items) if one.operation == operation]
        assert [one.omitted for one in rows] == omitted
        assert [(one.snapshot or {}).keys() for one in rows] == [
            {"id", "n", "doc"} | ({"body"} if not one.omitted else set()) for one in rows
        ]
    assert audit.version(audit.versions("docs", 4)[0].id) == {"id": 4, "n": 0, "doc": {}}


def test_a_table_that_was_altered(docs: Conn, audit: Audit) -> None:
    """The slow way has the same limit, and says of a large value whether it changed."""
    docs.execute("ALTER TABLE docs ADD late text")
    docs.execute("UPDATE docs SET late = 'x' WHERE id = 4")
    docs.execute("UPDATE docs SET late = late WHERE id = 4")
    docs.execute("UPDATE docs SET late = repeat('x', 12000) WHERE id = 4")
    large, small = audit.activity()
    assert (set(small.changes), small.omitted) == ({"late"}, {"body": LARGE})
    assert (set(large.changes), large.omitted) == ({"late"}, {"body": LARGE, "late": LARGE})
    assert large.snapshot == {"id": 4, "n": 0, "doc": {}}
    assert (large.changes["late"].raw, large.changes["late"].omitted) == (
        {"old": "x"},
        {"new": digest("x" * 12000)},
    )


def test_a_limit_that_changes(docs: Conn, audit: Audit) -> None:
    docs.execute("UPDATE docs SET n = 1, body = body || 'x' WHERE id = 4")
    assert audit.install("docs", value_limit=20_000).outcome == "updated"
    docs.execute("UPDATE docs SET body = body || 'x' WHERE id = 4")
    docs.execute("UPDATE docs SET n = 2 WHERE id = 4")
    first, second, third = audit.history("docs", 4)
    assert (first.state or {}).keys() == {"id", "n", "doc"}
    assert second.changes["body"].raw == {"old": "x" * 12001, "new": "x" * 12002}
    assert (third.state or {})["body"] == "x" * 12002
    assert audit.install("docs", value_limit=LIMIT).outcome == "updated"
    docs.execute("UPDATE docs SET body = '' WHERE id = 4")
    *_, last = audit.history("docs", 4)
    assert last.omitted == {"body": {"why": "size", "old": digest("x" * 12002)}}
    audit.restore(version=third.id)
    assert docs.execute("SELECT length(body) FROM docs WHERE id = 4").fetchone() == (12002,)


def test_redacted_and_large(conn: Conn, audit: Audit) -> None:
    """What is cut out is not in the digest; a redacted column is redacted however large it is."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, secret text, doc jsonb)")
    audit.install("t", value_limit=LIMIT, redact=["secret", "doc.token"])
    conn.execute(
        "INSERT INTO t VALUES (1, repeat('s', 20000), jsonb_build_object('a', repeat('x', 12000), 'token', 'a'))"
    )
    conn.execute('UPDATE t SET doc = doc || \'{"token": "b"}\'')
    conn.execute("UPDATE t SET secret = '', doc = doc || '{\"b\": 1}'")
    redacted = {"why": "redacted"}
    created, token, changed = audit.history("t", 1)
    before, after = (digest(f'{{"a": "{"x" * 12000}"{more}}}') for more in ("", ', "b": 1'))
    assert created.omitted == {"secret": redacted, "doc.token": redacted, "doc": {"why": "size", **before}}
    assert (token.changes, token.omitted) == ({}, {"doc.token": redacted})
    assert changed.omitted == {"secret": redacted, "doc": {"why": "size", **after, "old": before}}
    assert audit.plan_restore(version=created.id).left_out == {
        "secret": "redacted",
        "doc": "redacted in part",
    }


def test_rows_without_a_key(conn: Conn, audit: Audit) -> None:
    """Rows are told apart by the columns of which the log has every value."""
    conn.execute("CREATE TABLE t (n int, body text)")
    audit.install("t", value_limit=LIMIT)
    conn.execute("INSERT INTO t VALUES (1, 'small'), (2, repeat('x', 12000)), (3, 'other')")
    conn.execute(
        "UPDATE t SET body = repeat('y', 12000) WHERE n = 1; UPDATE t SET body = 'small' WHERE n = 2"
    )
    assert audit.verify_table("t") == []
    conn.execute('ALTER TABLE t DISABLE TRIGGER "00_pgaudit_py"; DELETE FROM t WHERE n = 3')
    conn.execute('ALTER TABLE t ENABLE ALWAYS TRIGGER "00_pgaudit_py"')
    assert [one.problem for one in audit.verify_table("t")] == [
        "the table holds fewer such rows than the log says"
    ]
    conn.execute("INSERT INTO t VALUES (3, 'back'); DROP TABLE t")


HUGE = 270_000_000
"""More than a jsonb can hold."""


def test_a_value_that_no_jsonb_can_hold(conn: Conn, audit: Audit) -> None:
    """It is recorded, read, checked and let go like any other that is too large."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int, body text)")
    audit.install("t", value_limit=2**28 - 1)
    conn.execute("INSERT INTO t SELECT i, 0, 'small' FROM generate_series(1, 3) AS i")
    conn.execute("UPDATE t SET body = repeat('x', %s) WHERE id = 2", [HUGE])
    huge = {"why": "size", "bytes": HUGE, "sha256": hashlib.sha256(b"x" * HUGE).hexdigest()}
    assert audit.activity().items[0].omitted == {"body": huge}
    assert audit.verify_table("t") == []
    version = audit.activity().items[0]
    conn.execute("UPDATE t SET n = 1 WHERE id = 2")
    assert audit.plan_restore(version=version.id).left_out == {"body": f"too large to be kept: {HUGE} bytes"}
    conn.execute("TRUNCATE t")
    rows = [one for one in audit.activity() if one.operation == "D"]
    assert {one.subject_id: one.omitted for one in rows} == {"1": {}, "2": {"body": huge}, "3": {}}


def test_two_sides_that_no_jsonb_can_hold_together(conn: Conn) -> None:
    query = """SELECT d.changes, d.omitted FROM (VALUES (jsonb_build_object('id', 1, 'body', repeat('x', 135000000)),
                                                         jsonb_build_object('id', 1, 'body', repeat('y', 135000000)))) AS v(old, new),
               pgaudit_py.diff_incomplete('{}', v.old, NULL, v.new, NULL) AS d"""
    sides = [
        {"bytes": 135_000_000, "sha256": hashlib.sha256(one * 135_000_000).hexdigest()}
        for one in (b"x", b"y")
    ]
    assert conn.execute(query).fetchall() == [
        ({"body": {}}, {"body": {"why": "size", **sides[1], "old": sides[0]}})
    ]


@pytest.mark.parametrize("wrong", [0, 9_999, 2**28, "8MB", True, 1e6])
def test_a_limit_that_is_none(docs: Conn, audit: Audit, wrong: Any) -> None:
    with pytest.raises(OptionError, match="value_limit is"):
        audit.install("docs", value_limit=wrong)


def test_how_it_is_shown(docs: Conn, audit: Audit, run: Run) -> None:
    docs.execute("INSERT INTO docs VALUES (5, 0, repeat('x', 12000))")
    docs.execute("UPDATE docs SET n = 1, body = repeat('y', 12001) WHERE id = 5")
    docs.execute("UPDATE docs SET body = NULL WHERE id = 5")
    said = " ".join(run("history", "docs", "5")[1].split())
    assert "body (12000 bytes, not kept)" in said
    assert "body (12000 bytes, not kept) → (12001 bytes, not kept)" in said
    assert "body (12001 bytes, not kept) → NULL" in said
    plan = run("restore", "docs", "5", "--version", str(audit.versions("docs", 5)[0].id), "--dry-run")[1]
    assert "body: left as it is (too large to be kept: 12000 bytes)" in plan


@pytest.mark.parametrize(
    ("columns", "looks"),
    [
        (
            "a int, b varchar(2500), c numeric, d date, e uuid, f name, g float8, h char(10), i bool, j point",
            False,
        ),
        ("a text", True),
        ("a varchar", True),
        ("a bytea", True),
        ("a int[]", True),
        ("a jsonb", True),
        ("a varchar(2097153)", True),
    ],
)
def test_only_types_that_can_be_so_long_cost_a_look(
    conn: Conn, audit: Audit, columns: str, looks: bool
) -> None:
    conn.execute(f"CREATE TABLE t (id int PRIMARY KEY, {columns})".encode())
    audit.install("t")
    body = "SELECT prosrc FROM pg_proc WHERE proname = 'capture_1'"
    assert ("pg_column_size" in conn.execute(body).fetchall()[0][0]) is looks
