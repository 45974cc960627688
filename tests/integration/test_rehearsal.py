"""What is rehearsed is written down, and leaves nothing behind."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.errors import TableNotFound
from tests.conftest import Conn, Connect


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text); INSERT INTO posts VALUES (1, 'Tea')")
    audit.install("posts")
    return conn


WRITTEN = (
    "SELECT pgaudit_py.log(",
    "SELECT pgaudit_py.log_change(",
    "SELECT pgaudit_py.snapshot(",
    'DROP TRIGGER IF EXISTS "00_pgaudit_py"',
)


def test_whatever_writes_is_written_down_in_its_order(posts: Conn, audit: Audit) -> None:
    with audit.rehearsal() as rehearsal:
        audit.log("published", ("posts", 1))
        audit.log_change("renamed", ("posts", 1), {"a": "100%"}, {"a": "it's"})
        version = audit.snapshot("posts", 1)
        assert audit.version(version) == {"id": 1, "title": "Tea"}
        audit.activity()
        audit.status()
        audit.uninstall("posts")
    places = [rehearsal.sql.index(text) for text in WRITTEN]
    assert places == sorted(places)
    assert rehearsal.sql.count("\nBEGIN ISOLATION LEVEL READ COMMITTED;\n") == len(WRITTEN)
    assert '\'{"a": "100%"}\'' in rehearsal.sql
    assert audit.activity().items == ()
    assert audit.tracked() == ["posts"]


def test_the_same_asynchronously(posts: Conn, db: str) -> None:
    async def rehearse() -> str:
        async with await psycopg.AsyncConnection.connect(db, autocommit=True) as conn:
            audit = AsyncAudit(conn)
            async with audit.rehearsal() as rehearsal:
                await audit.log("published", ("posts", 1))
                await audit.log_change("renamed", ("posts", 1), {"a": "100%"}, {"a": "it's"})
                await audit.snapshot("posts", 1)
                await audit.uninstall("posts")
            assert await audit.tracked() == ["posts"]
            return rehearsal.sql

    sql = asyncio.run(rehearse())
    places = [sql.index(text) for text in WRITTEN]
    assert places == sorted(places)


def test_nothing_to_do_is_no_script(posts: Conn, audit: Audit) -> None:
    with audit.rehearsal() as rehearsal:
        audit.migrate()
        audit.install("posts")
        audit.status()
    assert rehearsal.sql == ""


def test_what_fails_is_not_in_the_script(posts: Conn, audit: Audit) -> None:
    with audit.rehearsal() as rehearsal:
        audit.log("before")
        with pytest.raises(TableNotFound):
            audit.install("nope")
        audit.log("after")
    assert rehearsal.sql.count("\nBEGIN ISOLATION LEVEL READ COMMITTED;\n") == 2


def test_a_failure_ends_it(posts: Conn, audit: Audit) -> None:
    with pytest.raises(TableNotFound), audit.rehearsal():
        audit.install("nope")
    assert posts.info.transaction_status.name == "IDLE"
    audit.log("for real")
    assert len(audit.activity()) == 1


def test_in_a_transaction_of_the_callers(posts: Conn, db: str, connect: Connect) -> None:
    theirs = connect(db)
    theirs.execute("UPDATE posts SET title = 'Mate'")
    with Audit(theirs).rehearsal() as rehearsal:
        Audit(theirs).log(
            "not in it"
        )  # another object knows nothing of the rehearsal, and is rolled back all the same
    assert rehearsal.sql == ""
    assert theirs.info.transaction_status.name == "INTRANS"
    theirs.commit()
    assert [one.action for one in Audit(posts).activity()] == ["updated"]
