"""Logical replication of audited tables, between two servers: the apply never stops, and what it writes is recorded as set up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import FAST, EmbeddedServer
from tests import servers
from tests.conftest import Conn, Connect, contradictions

TABLES = (
    "CREATE TABLE posts (id int PRIMARY KEY, title text); CREATE TABLE tags (id int PRIMARY KEY, name text)"
)
LOGICAL = (
    "wal_level=logical",
    "max_replication_slots=20",
    "max_wal_senders=20",
    "wal_retrieve_retry_interval=100ms",
)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """A publisher of the oldest major version, a subscriber of the newest."""
    old, new = servers.programs(servers.MAJORS[0]), servers.programs(servers.MAJORS[-1])
    with (
        EmbeddedServer(settings=(*FAST, *LOGICAL), base=servers.MEMORY, bindir=old) as publisher,
        EmbeddedServer(settings=(*FAST, *LOGICAL), base=servers.MEMORY, bindir=new) as subscriber,
    ):
        yield publisher, subscriber


@pytest.fixture
def published(pair: tuple[EmbeddedServer, EmbeddedServer], connect: Connect) -> Iterator[Conn]:
    """An audited database with rows that are older than the subscription."""
    yield from database(pair[0], connect, "published")


@pytest.fixture
def copy(pair: tuple[EmbeddedServer, EmbeddedServer], connect: Connect) -> Iterator[Conn]:
    """An audited database without rows."""
    for conn in database(pair[1], connect, "copy"):
        yield conn
        conn.execute("DROP SUBSCRIPTION IF EXISTS following")


def database(server: EmbeddedServer, connect: Connect, name: str) -> Iterator[Conn]:
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        conn = connect(server.dsn(name), autocommit=True)
        conn.execute(TABLES)
        audit = Audit(conn)
        audit.migrate()
        audit.install("posts")
        audit.install("tags")
        yield conn
        conn.close()
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def write(published: Conn) -> None:
    with published.transaction():
        set_actor(published, "alice")
        published.execute(
            "INSERT INTO posts VALUES (3, 'new'); UPDATE posts SET title = title || '!' WHERE id = 1"
        )
        published.execute("UPDATE posts SET id = 4 WHERE id = 3; DELETE FROM posts WHERE id = 2")
    published.execute("TRUNCATE tags")


def subscribe(published: Conn, copy: Conn, publication: str = "FOR TABLE posts, tags") -> None:
    published.execute("INSERT INTO posts VALUES (1, 'one'), (2, 'two'); INSERT INTO tags VALUES (1, 'a')")
    published.execute(f"CREATE PUBLICATION everything {publication}".encode())
    where = psycopg.conninfo.make_conninfo(published.info.dsn)
    copy.execute(
        sql.SQL("CREATE SUBSCRIPTION following CONNECTION {} PUBLICATION everything").format(
            sql.Literal(where)
        )
    )


def rows(conn: Conn) -> list[Any]:
    return [
        conn.execute(f"SELECT * FROM {name} ORDER BY id".encode()).fetchall() for name in ("posts", "tags")
    ]


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def caught_up(published: Conn, copy: Conn) -> None:
    until(lambda: rows(copy) == rows(published), "the subscriber does not catch up")


def no_error(copy: Conn) -> None:
    (found,) = copy.execute(
        "SELECT apply_error_count, sync_error_count FROM pg_stat_subscription_stats"
    ).fetchall()
    assert found == (0, 0)


def recorded(conn: Conn) -> list[tuple[str | None, str | None]]:
    return sorted(
        (one.subject_type or "", f"{one.operation} {one.subject_id}") for one in Audit(conn).iter_activity()
    )


COPIED = [("posts", "I 1"), ("posts", "I 2"), ("tags", "I 1")]
APPLIED = [
    ("posts", "D 2"),
    ("posts", "I 3"),
    ("posts", "U 1"),
    ("posts", "U 4"),
    ("tags", "D 1"),
    ("tags", "T None"),
]


def test_each_side_records_its_own(published: Conn, copy: Conn) -> None:
    """As recommended: the tables are published, the log is not. The first copy is recorded once, then every change."""
    subscribe(published, copy)
    caught_up(published, copy)
    write(published)
    caught_up(published, copy)
    assert recorded(copy) == sorted(COPIED + APPLIED) == recorded(published)
    no_error(copy)
    # The subscriber knows its own role and no causer; who it was is in the log of the publisher.
    assert {one.causer for one in Audit(copy).iter_activity()} == {None}
    assert {one.causer for one in Audit(published).activity(subject=("posts", 4))} == {"alice"}
    for conn in (published, copy):
        assert contradictions(conn) == []
        assert {one.state for one in Audit(conn).status()} == {"installed"}
    # A subscriber that is promoted by its application goes on.
    copy.execute("DROP SUBSCRIPTION following")
    copy.execute("UPDATE posts SET title = 'here' WHERE id = 1")
    assert contradictions(copy) == []


@pytest.mark.parametrize(("state", "expected"), [("", []), ("REPLICA", COPIED + APPLIED)])
def test_triggers_that_do_not_fire_always(
    published: Conn, copy: Conn, state: str, expected: list[tuple[str, str]]
) -> None:
    """The apply is a session whose role is replica: what is enabled as usual records nothing of it, and status says so."""
    for table in ("posts", "tags"):
        for name in ("00_pgaudit_py", "00_pgaudit_py_truncate"):
            copy.execute(f'ALTER TABLE {table} ENABLE {state} TRIGGER "{name}"'.encode())
    subscribe(published, copy)
    caught_up(published, copy)
    write(published)
    caught_up(published, copy)
    assert recorded(copy) == sorted(expected)
    assert {one.state for one in Audit(copy).status()} == {"disabled"}
    no_error(copy)


def test_a_subscriber_that_is_not_audited(published: Conn, copy: Conn) -> None:
    Audit(copy).drop_schema()
    subscribe(published, copy)
    caught_up(published, copy)
    write(published)
    caught_up(published, copy)
    no_error(copy)


def test_the_log_alone_is_followed_by_another_server(published: Conn, copy: Conn) -> None:
    """As an archive: what was recorded before the subscription comes with the first copy, and nothing is recorded twice."""
    for table in ("posts", "tags"):
        Audit(copy).uninstall(table)
    subscribe(
        published,
        copy,
        "FOR TABLE pgaudit_py.activity_log WITH (publish = 'insert', publish_via_partition_root = true)",
    )
    write(published)
    until(lambda: recorded(copy) == recorded(published), "the log does not arrive")
    lines = "SELECT * FROM pgaudit_py.activity_log ORDER BY id"
    assert copy.execute(lines).fetchall() == published.execute(lines).fetchall()
    no_error(copy)


def test_a_causer_that_is_required_stops_the_apply(published: Conn, copy: Conn) -> None:
    """Nobody says who is acting there: what requires it has to allow it on a subscriber, and then all goes on."""
    Audit(copy).install("posts", context="require")
    subscribe(published, copy)
    failed = "SELECT sync_error_count > 0 FROM pg_stat_subscription_stats"
    until(lambda: copy.execute(failed).fetchone() == (True,), "the apply goes on")
    assert rows(copy)[0] == []
    Audit(copy).install("posts", context="allow")
    caught_up(published, copy)
    write(published)
    caught_up(published, copy)
    assert recorded(copy) == sorted(COPIED + APPLIED)
    assert contradictions(copy) == []


def test_all_tables_are_too_many(published: Conn, copy: Conn) -> None:
    """FOR ALL TABLES publishes the books of the audit trail too, which the subscriber has of its own; the rest goes on."""
    subscribe(published, copy, "FOR ALL TABLES")
    failed = "SELECT sync_error_count > 0 FROM pg_stat_subscription_stats"
    until(lambda: copy.execute(failed).fetchone() == (True,), "nobody minds")
    caught_up(published, copy)
    published.execute(
        "DROP PUBLICATION everything; CREATE PUBLICATION everything FOR TABLES IN SCHEMA public"
    )
    copy.execute("ALTER SUBSCRIPTION following REFRESH PUBLICATION")
    write(published)
    caught_up(published, copy)
