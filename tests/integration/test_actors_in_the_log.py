"""Whoever wrote is who the log names, whatever pools, savepoints, tasks, threads and errors come between."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from pgaudit_py import Audit, actor, set_actor
from pgaudit_py.embedded import FAST, EmbeddedServer
from pgaudit_py.integrations.psycopg import AsyncAuditConnection, AuditConnection
from tests.conftest import Conn, Connect, contradictions

NAMES = ("alice", "bob", None)


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text, body text)")
    audit.install("t")
    return conn


@pytest.fixture
def theirs(t: Conn, db: str) -> Iterator[AuditConnection[Any]]:
    with AuditConnection.connect(db) as conn:
        yield conn


def mixed_up(conn: Conn) -> list[Any]:
    """What was not written by whom it says, or carries somebody else's address."""
    return conn.execute(
        """SELECT id, snapshot->>'said', causer_id, host(ip), metadata FROM pgaudit_py.activity_log
           WHERE snapshot->>'said' IS DISTINCT FROM causer_id
              OR host(ip) IS DISTINCT FROM CASE causer_id WHEN 'alice' THEN '203.0.113.1' WHEN 'bob' THEN '203.0.113.2' END
              OR metadata IS NOT NULL"""
    ).fetchall()


def written(conn: Conn) -> int:
    return int(conn.execute("SELECT count(*) FROM pgaudit_py.activity_log").fetchall()[0][0])


ADDRESSES = {"alice": "203.0.113.1", "bob": "203.0.113.2", None: None}
INSERT = "INSERT INTO t (said) VALUES (%s)"


def fail_half_way(pool: ConnectionPool[AuditConnection[Any]]) -> None:
    with pool.connection() as conn:
        conn.execute(INSERT, ["alice"])
        conn.execute("SELECT 1/0")


def test_the_same_connection_again(t: Conn, db: str) -> None:
    """Alice fails half-way; the next one, who says nothing, gets her connection and not her name."""
    with ConnectionPool(db, connection_class=AuditConnection, min_size=1, max_size=1) as pool:
        with pytest.raises(psycopg.errors.DivisionByZero), actor("alice", ip=ADDRESSES["alice"]):
            fail_half_way(pool)
        with pool.connection() as conn:
            conn.execute(INSERT, [None])
        with actor("alice", ip=ADDRESSES["alice"]), pool.connection() as conn:
            conn.execute(INSERT, ["alice"])
        with pool.connection() as conn:
            conn.execute(INSERT, [None])
        with pool.connection() as conn:
            set_actor(conn, "bob", ip=ADDRESSES["bob"])
            conn.execute(INSERT, ["bob"])
            conn.rollback()
            conn.execute(INSERT, [None])
            conn.commit()
            conn.autocommit = True
            with actor("alice"):
                conn.execute(INSERT, [None])  # outside of transaction(): documented as nobody
            conn.autocommit = False
    assert mixed_up(t) == []
    assert written(t) == 5


def test_savepoints(t: Conn, theirs: AuditConnection[Any]) -> None:
    with actor("alice", ip=ADDRESSES["alice"]):
        theirs.execute(INSERT, ["alice"])
        with theirs.transaction() as savepoint:
            set_actor(theirs, "bob", ip=ADDRESSES["bob"])
            theirs.execute(INSERT, ["bob"])
            raise psycopg.Rollback(savepoint)
        theirs.execute(INSERT, ["alice"])
        with theirs.transaction():
            set_actor(theirs, "bob", ip=ADDRESSES["bob"])
            theirs.execute(INSERT, ["bob"])
        theirs.execute(INSERT, ["bob"])  # a savepoint that was kept keeps its actor
        theirs.commit()
        theirs.execute(INSERT, ["alice"])
        theirs.commit()
    assert mixed_up(t) == []
    assert written(t) == 5


def test_every_way_to_send_something(t: Conn, theirs: AuditConnection[Any]) -> None:
    """Prepared, many at once, in a pipeline, by COPY, from a cursor of the server's."""
    with actor("alice", ip=ADDRESSES["alice"]):
        for _ in range(7):  # prepared from the sixth time on
            theirs.execute(INSERT, ["alice"])
            theirs.commit()
        with theirs.cursor() as cursor:
            cursor.executemany(INSERT, [["alice"]] * 3)
        theirs.commit()
        with theirs.cursor() as cursor, cursor.copy("COPY t (said) FROM STDIN") as copy:
            copy.write_row(["alice"])
        theirs.commit()
        with theirs.pipeline():
            theirs.execute(INSERT, ["alice"])
            with theirs.transaction():
                theirs.execute(INSERT, ["alice"])
        theirs.commit()
        with theirs.cursor("server_side") as cursor:
            cursor.execute("SELECT id FROM t")
            for (key,) in cursor.fetchall():
                theirs.execute("UPDATE t SET body = 'x' WHERE id = %s", [key])
        theirs.commit()
    assert t.execute(
        "SELECT count(*), count(DISTINCT causer_id), max(causer_id) FROM pgaudit_py.activity_log"
    ).fetchone() == (26, 1, "alice")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_two_phase_commit(server: EmbeddedServer, connect: Connect, end: str) -> None:
    """Recorded once it is committed, by whoever ends it, under the actor of who prepared it."""
    with EmbeddedServer(settings=(*FAST, "max_prepared_transactions=2"), base=server.folder.parent) as own:
        conn = connect(own.dsn(), autocommit=True)
        audit = Audit(conn)
        audit.migrate()
        conn.execute("CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text)")
        audit.install("t")
        with closing(AuditConnection.connect(own.dsn())) as theirs, actor("alice", ip=ADDRESSES["alice"]):
            theirs.tpc_begin("prepared")
            theirs.execute(INSERT, ["alice"])
            theirs.tpc_prepare()
        assert written(conn) == 0
        getattr(connect(own.dsn()), f"tpc_{end}")("prepared")
        assert mixed_up(conn) == []
        assert written(conn) == (1 if end == "commit" else 0)
        assert contradictions(conn) == []


def test_threads_and_errors_on_a_small_pool(t: Conn, db: str) -> None:
    start = threading.Barrier(6, timeout=30)

    def work(seed: int) -> int:
        chance, kept = random.Random(seed), 0
        start.wait()
        for _ in range(40):
            name = chance.choice(NAMES)
            with actor(name, ip=ADDRESSES[name]):
                try:
                    with pool.connection() as conn:
                        conn.execute(INSERT, [name])
                        if chance.random() < 0.2:
                            conn.execute("SELECT 1/0")
                        if chance.random() < 0.2:
                            with conn.transaction(force_rollback=True):
                                set_actor(conn, "mallory")
                                conn.execute(INSERT, ["mallory"])
                        conn.execute(INSERT, [name])
                    kept += 2
                except psycopg.errors.DivisionByZero:
                    pass
        return kept

    with (
        ConnectionPool(db, connection_class=AuditConnection, min_size=2, max_size=2) as pool,
        ThreadPoolExecutor(6) as threads,
    ):
        kept = sum(threads.map(work, range(6)))
    assert mixed_up(t) == []
    assert written(t) == kept > 0


def test_tasks_on_a_small_pool(t: Conn, db: str) -> None:
    async def work(pool: AsyncConnectionPool[AsyncAuditConnection[Any]], seed: int) -> int:
        chance, kept = random.Random(seed), 0
        for _ in range(25):
            name = chance.choice(NAMES)
            with actor(name, ip=ADDRESSES[name]):
                try:
                    async with pool.connection() as conn:
                        await conn.execute(INSERT, [name])
                        await asyncio.sleep(chance.random() / 1000)
                        if chance.random() < 0.2:
                            await conn.execute("SELECT 1/0")
                        async with conn.transaction(force_rollback=True):
                            await set_actor(conn, "mallory")
                        await conn.execute(INSERT, [name])
                    kept += 2
                except psycopg.errors.DivisionByZero:
                    pass
        return kept

    async def all_of_them() -> int:
        async with AsyncConnectionPool(
            db, connection_class=AsyncAuditConnection, min_size=2, max_size=2
        ) as pool:
            return sum(await asyncio.gather(*(work(pool, seed) for seed in range(6))))

    kept = asyncio.run(all_of_them())
    assert mixed_up(t) == []
    assert written(t) == kept > 0


def test_a_cancelled_task_leaves_nobody_behind(t: Conn, db: str) -> None:
    async def work() -> None:
        async with AsyncConnectionPool(
            db, connection_class=AsyncAuditConnection, min_size=1, max_size=1
        ) as pool:

            async def slow() -> None:
                with actor("alice", ip=ADDRESSES["alice"]):
                    async with pool.connection() as conn:
                        await conn.execute(INSERT, ["alice"])
                        await conn.execute("SELECT pg_sleep(30)")

            task = asyncio.create_task(slow())
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with pool.connection() as conn:
                await conn.execute(INSERT, [None])

    asyncio.run(work())
    assert mixed_up(t) == []
    assert written(t) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"user_agent": "x" * 10_000_000}, {"user_agent": "x" * 512}),
        (
            {"user_agent": "a\0b\ud800c", "request_id": b"\xff\0"},
            {"user_agent": "a\ufffdb\ufffdc", "request_id": "\ufffd\ufffd"},
        ),
        ({"ip": "203.0.113.7, 10.0.0.1"}, {"ip": None, "metadata": {"_ip": "203.0.113.7, 10.0.0.1"}}),
        ({"metadata": {"n": float("nan"), "\0": "\udfff"}}, {"metadata": {"n": "NaN", "\ufffd": "\ufffd"}}),
    ],
    ids=["10 MB", "what no text holds", "two addresses", "what JSON lacks"],
)
@pytest.mark.parametrize("how", ["set_actor", "actor"])
def test_garbage_goes_through_the_write(
    t: Conn, audit: Audit, theirs: AuditConnection[Any], how: str, said: dict[str, Any], kept: dict[str, Any]
) -> None:
    if how == "actor":
        with actor("alice", **said):
            theirs.execute(INSERT, ["alice"])
    else:
        set_actor(theirs, "alice", **said)
        theirs.execute(INSERT, ["alice"])
    theirs.commit()
    (one,) = audit.activity()
    assert (one.causer, {name: getattr(one, name) for name in kept}) == ("alice", kept)
