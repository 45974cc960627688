"""Changes that an application tells: what differs is kept, exactly, and no record's history changes for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, set_actor
from pgaudit_py.errors import OptionError
from tests.conftest import Conn


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea')")
    return conn


def test_what_differs_is_kept(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        set_actor(posts, 42)
        found = audit.log_change(
            "renamed", ("posts", "01"), {"a": 1, "b": [1], "gone": None}, {"a": 1, "b": [2], "new": None},
            metadata={"by": "hand"},
        )  # fmt: skip
    one = audit.activity(limit=1).items[0]
    assert (one.id, one.operation, one.action, one.subject, one.causer) == (
        found,
        None,
        "renamed",
        "posts:1",
        "42",
    )
    assert {name: change.raw for name, change in one.changes.items()} == {
        "b": {"old": [1], "new": [2]}, "gone": {"old": None}, "new": {"new": None},
    }  # fmt: skip
    assert one.metadata == {"by": "hand"}
    assert [entry.operation for entry in audit.history("posts", 1)] == ["I"]
    assert [activity.id for activity in audit.activity(field="b")] == [found]


def test_nothing_is_recorded_where_nothing_differs(posts: Conn, audit: Audit) -> None:
    same = {"a": Decimal("1.50"), "b": {"x", "y", "z"}, "c": "é"}
    assert audit.log_change("updated", "posts", same, dict(reversed(same.items()))) is None
    assert audit.log_change("updated", None, None, None) is None
    assert [one.action for one in audit.activity()] == ["created"]


def test_created_and_deleted(posts: Conn, audit: Audit) -> None:
    audit.log_change("opened", "door", None, {"colour": "red"})
    audit.log_change("closed", "door", {"colour": "red"}, {})
    closed, opened = audit.activity(subject="door")
    assert opened.changes["colour"].raw == {"new": "red"}
    assert closed.changes["colour"].raw == {"old": "red"}


class Size(Enum):
    BIG = Decimal("10.0")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Decimal("1.500"), "1.500"),
        (Decimal("12345678901234567890.123456789012345678901234567890"), "12345678901234567890.123456789012345678901234567890"),
        (0.1, "0.1"),
        (2**200, str(2**200)),
        (True, "true"),
        (float("nan"), '"nan"'),
        (Decimal("Infinity"), '"Infinity"'),
        (date(2026, 1, 2), '"2026-01-02"'),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), '"2026-01-02T03:04:05.000006+00:00"'),
        (time(3, 4), '"03:04:00"'),
        (timedelta(days=1), '"1 day, 0:00:00"'),
        (UUID(int=7), '"00000000-0000-0000-0000-000000000007"'),
        (b"\x00\xff", '"\\\\x00ff"'),
        (Size.BIG, "10.0"),
        ({3: (1, None)}, '{"3": [1, null]}'),
        ('a"b\\c\n', '"a\\"b\\\\c\\n"'),
    ],
)  # fmt: skip
def test_values_are_kept_exactly(posts: Conn, audit: Audit, value: object, kept: str) -> None:
    found = audit.log_change("updated", ("posts", 1), {"v": "something else"}, {"v": value})
    written = posts.execute(
        "SELECT (changes -> 'v' -> 'new')::text FROM pgaudit_py.activity_log WHERE id = %s", [found]
    ).fetchone()
    assert written == (kept,)


def test_what_no_text_can_hold_is_replaced(posts: Conn, audit: Audit) -> None:
    audit.log_change("updated", "posts", {}, {"a\0": "\ud800"})
    assert {name: change.new for name, change in audit.activity(limit=1).items[0].changes.items()} == {
        "a�": "�"
    }


def test_two_values_differ_where_their_digits_do(posts: Conn, audit: Audit) -> None:
    assert audit.log_change("updated", "posts", {"p": Decimal("1.0")}, {"p": Decimal("1.00")})


circle: dict[str, Any] = {}
circle["self"] = circle


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (("", "posts", {}, {"a": 1}), "1 to 512 characters"),
        (("x" * 513, "posts", {}, {"a": 1}), "1 to 512 characters"),
        (("updated", ("x" * 600, 1), {}, {"a": 1}), "too long"),
        (("updated", "posts", [1], {}), "old is no mapping"),
        (("updated", "posts", {}, "new"), "new is no mapping"),
        (("updated", "posts", circle, {}), "old cannot be written"),
        (("updated", "posts", {}, {"a": 10**5000}), "new cannot be written"),
        (("updated", ("posts", None), {}, {"a": 1}), "no key"),
    ],
)
def test_what_is_refused(posts: Conn, audit: Audit, arguments: Any, match: str) -> None:
    with pytest.raises(OptionError, match=match):
        audit.log_change(*arguments)
    with pytest.raises(OptionError, match="metadata is no JSON object"):
        audit.log_change("updated", "posts", {}, {"a": 1}, metadata=["a"])  # type: ignore[arg-type]


def test_in_sql(posts: Conn) -> None:
    posts.execute("SELECT pgaudit_py.log_change('renamed', 'posts', '1', old => '{\"a\": 1}', new => NULL)")
    for values in ("'[]', NULL", "NULL, '1'"):
        with pytest.raises(psycopg.Error, match="old and new are no objects"):
            posts.execute(f"SELECT pgaudit_py.log_change('renamed', 'posts', '1', {values})".encode())
    with pytest.raises(psycopg.Error, match="has no subject_type"):
        posts.execute("SELECT pgaudit_py.log_change('renamed', NULL, '1', NULL, NULL)")


def test_awaited(db: str, posts: Conn, audit: Audit) -> None:
    async def work() -> int | None:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            return await AsyncAudit(conn).log_change("updated", ("posts", 1), {"a": 1}, {"a": 2})

    assert asyncio.run(work()) == audit.activity(limit=1).items[0].id
