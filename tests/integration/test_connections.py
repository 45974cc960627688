"""Whatever state and settings a connection has: the right answer, or what is wrong with it and how to mend it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.adapt import Dumper, Loader
from psycopg.types.json import JsonbDumper

from pgaudit_py import AsyncAudit, AsyncAuditConnection, Audit, AuditConnection, actor, set_actor
from pgaudit_py.errors import (
    ConnectionFailed,
    IdleConnectionRequired,
    LockNotAvailable,
    OptionError,
    PgAuditError,
    TransactionRequired,
)
from pgaudit_py.statements import fetch_one, script
from tests.conftest import Conn, Connect

EVERYTHING = ("migrate", "install", "uninstall", "drop_schema", "preview_install")


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, price numeric, doc jsonb)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 1.50, '{\"n\": 1.00}')")
    conn.execute("UPDATE posts SET price = 123456789012345678901234567890.5")
    return conn


def call(audit: Audit, name: str, **options: Any) -> Any:
    """Call a method that needs the connection for itself."""
    method: Callable[..., Any] = getattr(audit, name)
    return method("posts", **options) if name in {"install", "uninstall", "preview_install"} else method()


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_closed_connection(posts: Conn, db: str, connect: Connect, name: str) -> None:
    theirs = connect(db)
    theirs.close()
    with pytest.raises(ConnectionFailed, match="the connection is closed"):
        call(Audit(theirs), name)


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_connection_that_broke(posts: Conn, db: str, connect: Connect, name: str) -> None:
    theirs = connect(db)
    posts.execute("SELECT pg_terminate_backend(%s, 5000)", [theirs.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        theirs.execute("SELECT")
    with pytest.raises(ConnectionFailed, match="the connection is closed"):
        call(Audit(theirs), name)


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_transaction_that_failed(posts: Conn, db: str, connect: Connect, name: str) -> None:
    theirs = connect(db)
    with pytest.raises(psycopg.errors.DivisionByZero):
        theirs.execute("SELECT 1/0")
    with pytest.raises(TransactionRequired, match="Roll back first"):
        call(Audit(theirs), name)


def test_the_hint_names_only_what_the_method_offers(posts: Conn, db: str, connect: Connect) -> None:
    theirs = connect(db)
    theirs.execute("SELECT")
    with pytest.raises(IdleConnectionRequired, match="in_transaction=True"):
        Audit(theirs).install("posts")
    with pytest.raises(IdleConnectionRequired, match="Commit or roll back first") as caught:
        Audit(theirs).drop_schema()
    assert "in_transaction" not in str(caught.value)


@pytest.mark.parametrize("autocommit", [True, False])
def test_reading_in_a_pipeline(
    posts: Conn, audit: Audit, db: str, connect: Connect, autocommit: bool
) -> None:
    theirs = connect(db, autocommit=autocommit)
    twin = Audit(theirs)
    expected = audit.activity(), audit.history("posts", 1), audit.version(1), audit.tracked()
    with theirs.pipeline():
        theirs.execute("SELECT 1")
        assert (twin.activity(), twin.history("posts", 1), twin.version(1), twin.tracked()) == expected
        assert twin.plan_restore(version=1) == audit.plan_restore(version=1)
        assert twin.log("seen", ("posts", 1)) == 3
    theirs.commit()
    assert [one.action for one in audit.activity(limit=1)] == ["seen"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_a_pipeline_cannot_carry(posts: Conn, audit: Audit, name: str) -> None:
    with (
        posts.pipeline(),
        pytest.raises(IdleConnectionRequired, match=r"Leave the block `with conn\.pipeline"),
    ):
        call(audit, name)
    with posts.pipeline(), pytest.raises(IdleConnectionRequired, match="restore sends several"):
        audit.restore(version=1)


def test_a_pipeline_asynchronously(posts: Conn, audit: Audit, db: str) -> None:
    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            twin = AsyncAudit(conn)
            async with conn.pipeline():
                assert await twin.history("posts", 1) == audit.history("posts", 1)
                assert await twin.log("seen") == 3
                with pytest.raises(IdleConnectionRequired, match="pipeline"):
                    await twin.restore(version=1)

    asyncio.run(work())


def test_a_row_that_is_missing_has_a_name() -> None:
    flow = fetch_one(script("SELECT"))
    next(flow)
    with pytest.raises(PgAuditError, match="no row"):
        flow.send([])


def test_an_event_has_the_actor_of_its_connection(posts: Conn, audit: Audit, db: str) -> None:
    async def work() -> None:
        async with await AsyncAuditConnection.connect(db, autocommit=True) as conn:
            await AsyncAudit(conn).log("seen")

    with actor(42), AuditConnection.connect(db, autocommit=True) as conn:
        Audit(conn).log("read")
        asyncio.run(work())
    assert [(one.action, one.causer) for one in audit.activity(causer=42)] == [("seen", "42"), ("read", "42")]


def test_an_event_leaves_the_callers_transaction_open(
    posts: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    theirs = connect(db)
    Audit(theirs).log("seen")
    assert theirs.info.transaction_status.name == "INTRANS"
    with pytest.raises(OptionError):
        Audit(theirs).log("")
    theirs.execute("SELECT")
    theirs.rollback()
    assert not audit.activity(action="seen")


@pytest.mark.parametrize("asynchronous", [False, True])
def test_installing_in_a_transaction_that_has_yet_to_begin(posts: Conn, db: str, asynchronous: bool) -> None:
    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            await AsyncAudit(conn).uninstall("posts", in_transaction=True)
            assert conn.info.transaction_status.name == "INTRANS"
            await conn.rollback()

    if asynchronous:
        asyncio.run(work())
    else:
        with psycopg.connect(db) as conn:
            Audit(conn).uninstall("posts", in_transaction=True)
            assert conn.info.transaction_status.name == "INTRANS"
            conn.rollback()
    assert Audit(posts).tracked() == ["posts"]


def test_in_a_transaction_too_nobody_is_kept_waiting(posts: Conn, db: str, connect: Connect) -> None:
    writer, theirs = connect(db), connect(db)
    posts.execute("CREATE TABLE busy (id int PRIMARY KEY)")
    writer.execute("INSERT INTO busy VALUES (1)")
    theirs.execute("SET lock_timeout = '7s'")
    with pytest.raises(
        LockNotAvailable, match="table busy stayed locked by other sessions, in 1 try of 300 ms"
    ):
        Audit(theirs).install("busy", in_transaction=True)
    assert theirs.execute("SHOW lock_timeout").fetchone() == ("7s",)
    writer.rollback()
    Audit(theirs).install("busy", in_transaction=True)
    assert theirs.execute("SHOW lock_timeout").fetchone() == ("7s",)
    theirs.commit()
    assert theirs.execute("SHOW lock_timeout").fetchone() == ("7s",)


def test_a_preview_waits_for_no_other_installer(posts: Conn, audit: Audit, db: str, connect: Connect) -> None:
    other = connect(db)
    Audit(other).migrate(in_transaction=True)  # holds the lock of installers
    with pytest.raises(LockNotAvailable, match="table posts"):
        audit.preview_install("posts")


def test_a_client_encoding_that_lacks_a_character(posts: Conn, db: str, connect: Connect) -> None:
    theirs = connect(db, client_encoding="latin1")
    with pytest.raises(OptionError, match=r"written in (latin-1|iso8859-1).*client_encoding='UTF8'"):
        Audit(theirs).activity(action="\N{SNOWMAN}")


class Wrong(Dumper):
    """Writes every value as one that is none."""

    def dump(self, obj: object) -> bytes:
        return b"wrong"


class Unread(Loader):
    """Reads every value as None."""

    def load(self, data: object) -> None:
        return None


def test_adapters_of_the_application_are_its_own(
    posts: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    expected = audit.activity(), audit.history("posts", 1), audit.versions("posts", 1), audit.version(2)
    theirs = connect(db, autocommit=True)
    theirs.adapters.register_dumper(list, JsonbDumper)
    for kind in (str, int, bool, datetime):
        theirs.adapters.register_dumper(kind, Wrong)
    for name in ("timestamptz", "text", "int8", "int4", "bool", "jsonb", "inet", '"char"'):
        theirs.adapters.register_loader(name, Unread)
    twin = Audit(theirs)
    assert (twin.activity(), twin.history("posts", 1), twin.versions("posts", 1), twin.version(2)) == expected
    assert twin.activity(since=datetime(2020, 1, 1, tzinfo=UTC), subject=("posts", 1)) == expected[0]
    assert twin.verify_table("posts") == []
    assert twin.install("posts").outcome == "unchanged"
    with theirs.transaction():
        set_actor(theirs, 42)
        assert twin.restore(version=1).operation == "update"
    assert audit.activity(limit=1).items[0].causer == "42"
    assert list(theirs.execute("SELECT 'text'")) == [(None,)]


@pytest.mark.parametrize("style", ["German, DMY", "SQL, MDY", "Postgres"])
def test_every_date_style(posts: Conn, audit: Audit, style: str) -> None:
    with posts.transaction():
        set_actor(posts, 42, ip="203.0.113.0/24")
        posts.execute("UPDATE posts SET doc = '{\"n\": 2.000}'")
    expected = audit.activity(), audit.history("posts", 1), audit.versions("posts", 1)
    posts.execute("SELECT set_config('DateStyle', %s, false)", [style])
    assert (audit.activity(), audit.history("posts", 1), audit.versions("posts", 1)) == expected
    last = audit.activity(since=expected[0].items[0].created_at).items[0]
    assert last == expected[0].items[0]
    assert (str(last.ip), str(last.changes["doc"].new["n"])) == ("203.0.113.0/24", "2.000")
    assert audit.version(2)["price"] == Decimal("123456789012345678901234567890.5")
    assert audit.record_at("posts", 1, at=last.created_at) == audit.version(last.id)
    assert audit.restore(version=1).operation == "update"
