"""AsyncAudit on a real connection: every method does what Audit's does, in every state a connection can be in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ParamSpec

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, set_actor
from pgaudit_py.client import running
from pgaudit_py.errors import (
    IdleConnectionRequired,
    LockNotAvailable,
    NotMigrated,
    RestoreConflict,
    TableNotFound,
    VersionNotFound,
)
from tests.conftest import Conn, Connect, until_somebody_waits

P = ParamSpec("P")
AsyncConn = psycopg.AsyncConnection[Any]


def in_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Let pytest call an async test."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


@asynccontextmanager
async def opened(dsn: str, *, autocommit: bool = False) -> AsyncIterator[tuple[AsyncConn, AsyncAudit]]:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=autocommit) as conn:
        yield conn, AsyncAudit(conn)


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea'), (2, 'Mate')")
    conn.execute("UPDATE posts SET title = 'Coffee' WHERE id = 1")
    return conn


def title(conn: Conn, key: int = 1) -> Any:
    found = conn.execute("SELECT title FROM posts WHERE id = %s", [key]).fetchone()
    return found and found[0]


@pytest.mark.parametrize("autocommit", [False, True])
@in_a_loop
async def test_from_an_empty_database_to_an_empty_database(bare_db: str, autocommit: bool) -> None:
    async with opened(bare_db, autocommit=autocommit) as (conn, audit):
        with pytest.raises(NotMigrated):
            await audit.activity()
        await conn.rollback()
        assert (await audit.migrate()).migrations
        await conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
        await conn.commit()
        async with audit.rehearsal() as rehearsal:
            assert (await audit.install("posts")).outcome == "installed"
        assert "CREATE OR REPLACE TRIGGER" in rehearsal.sql
        await conn.commit()
        assert await audit.tracked() == []
        await conn.commit()
        assert (await audit.install("posts", snapshots="all", truncate_rows=5)).outcome == "installed"
        async with conn.transaction():
            await set_actor(conn, 7)
            await conn.execute("INSERT INTO posts VALUES (1, 'Tea')")
            await audit.log("published", ("posts", 1), metadata={"channel": "rss"})
        assert [(one.action, one.causer) for one in await audit.activity()] == [
            ("published", "7"), ("created", "7"),
        ]  # fmt: skip
        assert await audit.verify_table("posts") == []
        assert await audit.tracked() == ["posts"]
        await conn.commit()
        assert await audit.uninstall("posts") == "posts"
        assert await audit.drop_schema() == []


@in_a_loop
async def test_inside_somebodys_transaction(db: str) -> None:
    async with opened(db) as (conn, audit):
        await conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
        for work in (
            audit.migrate, audit.drop_schema, lambda: audit.install("posts"), lambda: audit.uninstall("posts"),
        ):  # fmt: skip
            with pytest.raises(IdleConnectionRequired, match="inside one"):
                await work()
        assert not await audit.migrate(in_transaction=True)
        assert (await audit.install("posts", in_transaction=True)).outcome == "installed"
        assert await audit.uninstall("posts", in_transaction=True) == "posts"
        assert conn.info.transaction_status.name == "INTRANS"
        await conn.rollback()
        with pytest.raises(TableNotFound):
            await audit.install("posts")


@in_a_loop
async def test_a_failure_in_the_open_transaction_leaves_it_usable(db: str) -> None:
    async with opened(db) as (conn, audit):
        await conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
        with pytest.raises(TableNotFound):
            await audit.install("nonsense", in_transaction=True)
        await conn.execute("INSERT INTO posts VALUES (1)")
        await conn.commit()


def test_a_busy_table_is_waited_for(
    posts: Conn, db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgaudit_py.driving.LOCK_TIMEOUT", 50)
    monkeypatch.setattr(running, "pause", lambda attempt: 0.02)
    posts.execute("CREATE TABLE busy (id int PRIMARY KEY)")
    writer = connect(db)
    writer.execute("INSERT INTO busy VALUES (1)")

    async def work() -> None:
        async with opened(db) as (_conn, audit):
            with pytest.raises(LockNotAvailable, match="Try again when the sessions that use the table"):
                await audit.install("busy")
            installing = asyncio.create_task(audit.install("busy"))
            await asyncio.to_thread(until_somebody_waits, posts, "busy")
            assert not installing.done()  # and the loop goes on meanwhile
            await asyncio.to_thread(writer.commit)
            assert (await installing).outcome == "installed"

    asyncio.run(work())


def test_a_restore_stays_open_in_the_callers_transaction(posts: Conn, audit: Audit, db: str) -> None:
    version = audit.versions("posts", 1)[0].id

    async def work() -> None:
        async with opened(db) as (conn, twin):
            assert (await twin.restore(version=version)).operation == "update"
            assert conn.info.transaction_status.name == "INTRANS"
            assert title(posts) == "Coffee"
            await conn.rollback()
            assert title(posts) == "Coffee"
            await twin.restore(version=version)
            await conn.commit()
            assert title(posts) == "Tea"

    asyncio.run(work())


def test_a_restore_in_autocommit_is_a_transaction_of_its_own(posts: Conn, audit: Audit, db: str) -> None:
    at = audit.activity(action="created").items[0].created_at  # when all of their transaction was done

    async def work() -> None:
        async with opened(db, autocommit=True) as (_conn, twin):
            plan = await twin.plan_restore(subject=("posts", 1), at=datetime.now(UTC))
            assert plan.operation == "none"
            assert (await twin.restore(subject=("posts", 1), at=at)).operation == "update"
            assert title(posts) == "Tea"

    asyncio.run(work())


def test_a_refused_restore_leaves_the_transaction_usable(posts: Conn, audit: Audit, db: str) -> None:
    version = audit.versions("posts", 1)[0].id

    async def work() -> None:
        async with opened(db) as (conn, twin):
            plan = await twin.plan_restore(version=version)
            await conn.execute("UPDATE posts SET title = 'Cocoa' WHERE id = 1")
            with pytest.raises(RestoreConflict, match="changed since"):
                await twin.restore(plan)
            with pytest.raises(VersionNotFound):
                await twin.restore(version=4711)
            assert (await twin.restore(version=version)).operation == "update"
            await conn.commit()

    asyncio.run(work())
    assert title(posts) == "Tea"


def test_everything_is_read_as_audit_reads_it(posts: Conn, audit: Audit, db: str) -> None:
    first, last = audit.versions("posts", 1)
    now = datetime.now(UTC)

    async def work() -> None:
        async with opened(db) as (conn, twin):
            assert await twin.activity(subject=("posts", 1), field="title") == audit.activity(
                subject=("posts", 1), field="title"
            )
            assert (await twin.activity(limit=1)).next == audit.activity(limit=1).next
            assert await twin.history("posts", 1) == audit.history("posts", 1)
            assert await twin.versions("posts", 1) == [first, last]
            assert await twin.version(first.id) == audit.version(first.id)
            assert await twin.record_at("posts", 1, at=now) == audit.record_at("posts", 1, at=now)
            assert await twin.diff(first.id, last.id) == audit.diff(first.id, last.id)
            assert await twin.plan_restore(version=first.id) == audit.plan_restore(version=first.id)
            assert await twin.verify_table("public.posts") == []
            assert conn.info.transaction_status.name == "INTRANS"  # of the caller, who ends it

    asyncio.run(work())


def test_many_at_once(posts: Conn, db: str) -> None:
    """Tasks on connections of their own: each change has its actor."""

    async def work(number: int) -> None:
        async with opened(db) as (conn, audit):
            await set_actor(conn, number)
            await conn.execute("INSERT INTO posts VALUES (%s, 'x')", [100 + number])
            await asyncio.sleep(0)
            await audit.log("seen", ("posts", 100 + number))
            await conn.commit()

    async def all_of_them() -> None:
        await asyncio.gather(*(work(number) for number in range(8)))

    asyncio.run(all_of_them())
    said = posts.execute(
        """SELECT subject_id::int - 100, array_agg(DISTINCT causer_id::int), count(*) FROM pgaudit_py.activity_log
           WHERE subject_id::int >= 100 GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    assert said == [(number, [number], 2) for number in range(8)]


@in_a_loop
async def test_what_weakens_the_audit_trail_and_how_large_it_is(posts: Conn, audit: Audit, db: str) -> None:
    posts.execute("ALTER TABLE pgaudit_py.activity_log_default DISABLE TRIGGER append_only")
    async with opened(db) as (_, theirs):
        assert await theirs.doctor() == audit.doctor()
        assert await theirs.status() == audit.status()
        assert await theirs.log_figures() == audit.log_figures()
    audit.migrate()
    assert [one for one in audit.doctor() if one.is_wrong] == []
