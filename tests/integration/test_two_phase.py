"""PREPARE TRANSACTION: recorded under whoever prepared it, once somebody commits it, whatever happens in between."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.client import running
from pgaudit_py.embedded import FAST, EmbeddedServer
from pgaudit_py.errors import LockNotAvailable
from tests.conftest import Conn, Connect, contradictions, reconnected, started

pytestmark = pytest.mark.every_major

_numbers = count()


@pytest.fixture(scope="module")
def own(server: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A server that allows it: the setting takes effect at the start only."""
    with EmbeddedServer(
        settings=(*FAST, "max_prepared_transactions=4"), base=server.folder.parent
    ) as running:
        yield running


@pytest.fixture
def dsn(own: EmbeddedServer) -> Iterator[str]:
    """The connection string of an empty database; it goes with its server, since what is prepared holds it."""
    name = f"database_{next(_numbers)}"
    with psycopg.connect(own.dsn(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    yield own.dsn(name)
    with psycopg.connect(own.dsn(name), autocommit=True) as conn:
        assert contradictions(conn) == []


@pytest.fixture
def t(dsn: str, connect: Connect) -> Conn:
    conn = connect(dsn, autocommit=True)
    Audit(conn).migrate()
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    Audit(conn).install("t")
    conn.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
    return conn


def prepare(conn: Conn, name: str) -> None:
    """Change both records as alice, and hand the transaction over to the server."""
    set_actor(conn, "alice", ip="203.0.113.1", request_id="r1")
    conn.execute("UPDATE t SET n = 1; INSERT INTO t VALUES (3, 0); DELETE FROM t WHERE id = 2")
    conn.execute(f"PREPARE TRANSACTION '{name}'".encode())
    conn.rollback()


def changes(conn: Conn) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.operation, one.subject_id, one.causer) for one in reversed(Audit(conn).activity().items)][2:]


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_it_counts_once_it_is_committed_and_for_who_prepared_it(
    t: Conn, dsn: str, connect: Connect, end: str
) -> None:
    preparing = connect(dsn)
    prepare(preparing, "one")
    preparing.close()
    assert changes(t) == []
    assert Audit(t).history("t", 1)[-1].operation == "I"
    # Whoever ends it is somebody else, with work of his own on other records.
    other = connect(dsn, autocommit=True)
    with other.transaction():
        set_actor(other, "bob")
        other.execute("INSERT INTO t VALUES (4, 0)")
    other.execute("SELECT set_config('pgaudit_py.causer_id', 'bob', false)")
    other.execute(f"{end} PREPARED 'one'".encode())
    alices = [("U", "1", "alice"), ("U", "2", "alice"), ("I", "3", "alice"), ("D", "2", "alice")]
    assert changes(t) == [*(alices if end == "COMMIT" else []), ("I", "4", "bob")]
    if end == "COMMIT":
        one = Audit(t).activity(causer="alice").items[0]
        assert (str(one.ip), one.request_id, one.metadata) == ("203.0.113.1", "r1", {})
        assert len(Audit(t).activity(transaction_id=one.transaction_id)) == 4


def test_it_outlives_a_crash_of_the_server(t: Conn, own: EmbeddedServer, dsn: str, connect: Connect) -> None:
    prepare(connect(dsn), "kept")
    before = started(t)
    os.kill(t.info.backend_pid, signal.SIGKILL)
    reconnected(own, before).close()
    conn = connect(dsn, autocommit=True)
    assert changes(conn) == []
    conn.execute("COMMIT PREPARED 'kept'")
    assert changes(conn) == [
        ("U", "1", "alice"),
        ("U", "2", "alice"),
        ("I", "3", "alice"),
        ("D", "2", "alice"),
    ]


def test_others_go_on_and_wait_for_its_rows_only(t: Conn, dsn: str, connect: Connect) -> None:
    prepare(connect(dsn), "open")
    t.execute("SET lock_timeout = 100; INSERT INTO t VALUES (4, 4)")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        t.execute("UPDATE t SET n = 2 WHERE id = 1")
    t.execute("COMMIT PREPARED 'open'")
    t.execute("UPDATE t SET n = 2 WHERE id = 1")
    assert Audit(t).history("t", 1)[-1].changes["n"].old == 1


def test_one_that_nobody_ends_holds_up_an_install_that_says_so(
    t: Conn, dsn: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgaudit_py.driving.LOCK_TIMEOUT", 20)
    monkeypatch.setattr(running, "pause", lambda attempt: 0)
    prepare(connect(dsn), "orphaned")
    assert Audit(t).install("t").outcome == "unchanged"  # which needs no lock that it holds
    with pytest.raises(
        LockNotAvailable, match="table t stayed locked by other sessions, in 10 tries of 20 ms"
    ):
        Audit(t).install("t", snapshots="all")
    t.execute("ROLLBACK PREPARED 'orphaned'")
    assert Audit(t).install("t", snapshots="all").outcome == "updated"


def test_an_install_may_be_prepared_itself(dsn: str, connect: Connect) -> None:
    """As a migration tool may do it: nothing is audited before the commit, everything after."""
    conn, other = connect(dsn), connect(dsn, autocommit=True)
    other.execute("CREATE TABLE t (id int PRIMARY KEY)")
    Audit(conn).migrate(in_transaction=True)
    Audit(conn).install("t", in_transaction=True)
    conn.execute("PREPARE TRANSACTION 'install'")
    conn.rollback()
    other.execute("COMMIT PREPARED 'install'")
    other.execute("INSERT INTO t VALUES (1)")
    assert [one.operation for one in Audit(other).activity()] == ["I"]


def test_the_doctor_says_which_nobody_ended(dsn: str, connect: Connect) -> None:
    """A prepared transaction holds back whoever follows the log, and shows in no list of sessions."""
    conn = connect(dsn, autocommit=True)
    Audit(conn).migrate()
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    Audit(conn).install("posts")
    conn.execute("BEGIN")
    conn.execute("INSERT INTO posts VALUES (1)")
    conn.execute("PREPARE TRANSACTION 'it''s lost'")
    assert conn.execute("SELECT FROM pgaudit_py.doctor_transactions()").fetchall() == []
    found = "SELECT state, detail, fix FROM pgaudit_py.doctor_transactions('0') WHERE state = 'wrong'"
    ((_, detail, fix),) = conn.execute(found).fetchall()
    assert f"the prepared transaction it's lost of database {conn.info.dbname} waits since" in detail
    conn.execute(fix.split("`")[1].encode())
    assert conn.execute(found).fetchall() == []
