"""Several sessions at once: no change is missed or mixed up, and nobody restores over what somebody else just wrote."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.client import running
from pgaudit_py.errors import LockNotAvailable, RestoreConflict, TableNotFound
from pgaudit_py.resources import sql_text
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int, secret int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 0, 1), (2, 0, 2)")
    return conn


def wait_until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def waits(conn: Conn, other: Conn) -> Callable[[], Any]:
    """Ask whether another session waits for a lock."""
    query = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s"
    return lambda: (conn.execute(query, [other.info.backend_pid]).fetchone() or (False,))[0]


def meanwhile(work: Callable[[], Any]) -> Future[Any]:
    """Do something in another thread."""
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=run).start()
    return done


def test_two_writers_on_one_record(t: Conn, audit: Audit, db: str, connect: Connect) -> None:
    one, other = connect(db), connect(db)
    set_actor(one, "one")
    set_actor(other, "other")
    one.execute("UPDATE t SET n = n + 1 WHERE id = 1")
    later = meanwhile(lambda: other.execute("UPDATE t SET n = n + 10 WHERE id = 1"))
    wait_until(waits(t, other))
    one.commit()
    later.result(10)
    other.commit()
    said = [(entry.causer, (entry.state or {})["n"]) for entry in audit.history("t", 1)]
    assert said == [(None, 0), ("one", 1), ("other", 11)]


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_writer_that_waited_for_a_key(t: Conn, audit: Audit, db: str, connect: Connect, end: str) -> None:
    one, other = connect(db), connect(db)
    one.execute("INSERT INTO t VALUES (3, 1, 3)")
    later = meanwhile(
        lambda: other.execute("INSERT INTO t VALUES (3, 2, 4) ON CONFLICT (id) DO UPDATE SET n = 5")
    )
    wait_until(waits(t, other))
    getattr(one, end)()
    later.result(10)
    other.commit()
    said = [(entry.operation, (entry.state or {})["secret"]) for entry in audit.history("t", 3)]
    assert said == ([("I", 3), ("U", 3)] if end == "commit" else [("I", 4)])


def test_many_writers(t: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """Every increment is there once, each by whoever made it, in an order without a gap."""
    connections = [connect(db) for _ in range(6)]

    def work(number: int) -> None:
        conn = connections[number]
        for turn in range(30):
            set_actor(conn, number)
            conn.execute("UPDATE t SET n = n + 1 WHERE id = 1")
            (conn.rollback if turn % 5 == number % 5 else conn.commit)()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
    history = audit.history("t", 1)[1:]
    assert [(entry.changes["n"].old, entry.changes["n"].new) for entry in history] == [
        (n, n + 1) for n in range(6 * 24)
    ]
    assert {
        number: sum(entry.causer == str(number) for entry in history) for number in range(6)
    } == dict.fromkeys(range(6), 24)


# --- restoring -----------------------------------------------------------------------------------


def test_a_restore_waits_for_a_writer_and_is_refused(
    t: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    writer, restorer = connect(db), connect(db, autocommit=True)
    t.execute("UPDATE t SET n = 1 WHERE id = 1")
    plan = audit.plan_restore(version=audit.versions("t", 1)[0].id)
    writer.execute("UPDATE t SET n = 2 WHERE id = 1")
    later = meanwhile(lambda: Audit(restorer).restore(plan))
    wait_until(waits(t, restorer))
    writer.commit()
    with pytest.raises(RestoreConflict, match="changed since the restore was planned"):
        later.result(10)
    assert t.execute("SELECT n FROM t WHERE id = 1").fetchone() == (2,)


def test_a_restore_waits_for_a_writer_that_gives_up(t: Conn, audit: Audit, db: str, connect: Connect) -> None:
    writer, restorer = connect(db), connect(db, autocommit=True)
    t.execute("UPDATE t SET n = 1 WHERE id = 1")
    plan = audit.plan_restore(version=audit.versions("t", 1)[0].id)
    writer.execute("DELETE FROM t WHERE id = 1")
    later = meanwhile(lambda: Audit(restorer).restore(plan))
    wait_until(waits(t, restorer))
    writer.rollback()
    assert later.result(10).operation == "update"
    assert t.execute("SELECT n FROM t WHERE id = 1").fetchone() == (0,)


def test_a_record_deleted_since_the_plan_is_not_revived(t: Conn, audit: Audit) -> None:
    t.execute("UPDATE t SET n = 1 WHERE id = 1")
    plan = audit.plan_restore(version=audit.versions("t", 1)[0].id)
    t.execute("DELETE FROM t WHERE id = 1")
    with pytest.raises(RestoreConflict, match="changed since"):
        audit.restore(plan)
    assert t.execute("SELECT id FROM t").fetchall() == [(2,)]


def test_two_restores_of_one_deleted_record(t: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """The second finds the key taken, by the record itself: nothing is there twice, nothing half done."""
    one, other = connect(db), connect(db)
    t.execute("DELETE FROM t WHERE id = 1")
    deletion = audit.activity(action="deleted").items[0].id
    Audit(one).restore(version=deletion)
    later = meanwhile(lambda: Audit(other).restore(version=deletion))
    wait_until(waits(t, other))
    one.commit()
    with pytest.raises((RestoreConflict, psycopg.errors.UniqueViolation)):
        later.result(10)
    other.commit()  # still usable
    assert t.execute("SELECT * FROM t WHERE id = 1").fetchall() == [(1, 0, 1)]
    assert [entry.operation for entry in audit.history("t", 1)] == ["I", "D", "I"]


def test_a_restore_on_an_old_snapshot_is_refused(t: Conn, audit: Audit, db: str, connect: Connect) -> None:
    old = connect(db)
    old.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    t.execute("UPDATE t SET n = 1 WHERE id = 1")
    version = audit.versions("t", 1)[0].id
    plan = Audit(old).plan_restore(version=version)
    t.execute("UPDATE t SET n = 2 WHERE id = 1")
    with pytest.raises((RestoreConflict, psycopg.errors.SerializationFailure)):
        Audit(old).restore(plan)
    assert t.execute("SELECT n FROM t WHERE id = 1").fetchone() == (2,)


@pytest.mark.parametrize(
    "level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE]
)
def test_strict_isolation_records_the_same(
    t: Conn, audit: Audit, db: str, connect: Connect, level: psycopg.IsolationLevel
) -> None:
    """Another session deletes a row; one with an older snapshot may not see that in the log, and inserts it anew."""
    strict = connect(db)
    strict.isolation_level = level
    strict.execute("SELECT 1")
    t.execute("DELETE FROM t WHERE id = 1")
    strict.execute("UPDATE t SET n = 7 WHERE id = 2")
    strict.commit()
    strict.execute("INSERT INTO t VALUES (1, 5, 9)")
    strict.commit()
    said = [(entry.life, entry.operation) for entry in audit.history("t", 1)]
    assert said == [(1, "I"), (1, "D"), (2, "I")]


# --- installing ----------------------------------------------------------------------------------


def test_installing_while_writers_run_misses_nothing_afterwards(
    conn: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    """Whoever writes after the install has committed is recorded; install, uninstall and re-install under load."""
    conn.execute("CREATE TABLE busy (id int PRIMARY KEY, n int, secret int)")
    conn.execute("INSERT INTO busy SELECT i, 0, i FROM generate_series(1, 4) AS i")
    connections = [connect(db) for _ in range(4)]
    stop = threading.Event()
    written: list[int] = []

    def work(number: int) -> None:
        writer, count = connections[number], 0
        while not stop.is_set():
            writer.execute("UPDATE busy SET n = n + 1 WHERE id = %s", [number + 1])
            writer.execute("SELECT pg_sleep(0.001)")
            writer.commit()
            count += 1
        written.append(count)

    with ThreadPoolExecutor(4) as threads:
        try:
            running = [threads.submit(work, number) for number in range(4)]
            time.sleep(0.1)
            assert audit.install("busy").outcome == "installed"
            before = dict(conn.execute("SELECT id, n FROM busy").fetchall())
            seen = {
                key: len(audit.history("busy", key)) for key in before
            }  # what ran between the two statements, at most
            time.sleep(0.3)
            assert audit.install("busy", snapshots="all").outcome == "updated"
            time.sleep(0.1)
        finally:
            stop.set()
        for future in running:
            future.result(10)
    for key, n in conn.execute("SELECT id, n FROM busy").fetchall():
        history = audit.history("busy", key)
        assert n - before[key] <= len(history) <= n - before[key] + seen[key]
        numbers = [entry.changes["n"].new for entry in history]
        assert numbers == list(range(numbers[0], n + 1))  # without a gap up to the last
    assert sum(written) == sum(n for (n,) in conn.execute("SELECT n FROM busy"))


def test_a_long_reader_is_nobody_to_wait_for(conn: Conn, audit: Audit, db: str, connect: Connect) -> None:
    conn.execute("CREATE TABLE read (id int PRIMARY KEY)")
    reader = connect(db)
    reader.execute("SELECT * FROM read")
    assert audit.install("read").outcome == "installed"
    assert audit.install("read", snapshots="all").outcome == "updated"
    reader.commit()
    assert audit.uninstall("read") == "read"


def test_uninstalling_waits_for_a_reader_and_lets_writers_pass(
    t: Conn, audit: Audit, db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgaudit_py.driving.LOCK_TIMEOUT", 50)
    monkeypatch.setattr(running, "pause", lambda attempt: 0.02)
    reader, writer = connect(db), connect(db, autocommit=True)
    reader.execute("SELECT * FROM t")
    uninstalling = meanwhile(lambda: Audit(connect(db, autocommit=True)).uninstall("t"))
    writer.execute("SET lock_timeout = '2s'; UPDATE t SET n = 5 WHERE id = 1")
    with pytest.raises(LockNotAvailable, match="Try again when the sessions that use the table are done"):
        uninstalling.result(20)
    assert [entry.operation for entry in audit.history("t", 1)] == [
        "I",
        "U",
    ]  # still audited, by both triggers
    assert audit.install("t").outcome == "unchanged"
    reader.commit()
    assert audit.uninstall("t") == "t"


def test_a_table_dropped_while_the_install_waited(conn: Conn, db: str, connect: Connect) -> None:
    conn.execute("CREATE TABLE doomed (id int PRIMARY KEY)")
    other, installer = connect(db), connect(db, autocommit=True)
    other.execute(sql_text("queries/lock_installers.sql").encode())
    installing = meanwhile(lambda: Audit(installer).install("doomed"))
    wait_until(waits(conn, installer))
    conn.execute("DROP TABLE doomed")
    other.commit()
    with pytest.raises(TableNotFound, match="doomed was dropped meanwhile"):
        installing.result(10)


def test_a_table_altered_while_the_install_waited(
    conn: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    """The columns are read under a lock, so the rendered function fits the table that it is for."""
    conn.execute("CREATE TABLE altered (id int PRIMARY KEY, n int)")
    other, installer = connect(db), connect(db, autocommit=True)
    other.execute("ALTER TABLE altered ADD late text")
    installing = meanwhile(lambda: Audit(installer).install("altered"))
    wait_until(waits(conn, installer))
    other.commit()
    assert installing.result(10).outcome == "installed"
    conn.execute("INSERT INTO altered VALUES (1, 2, 'x')")
    (created,) = audit.activity()
    assert (created.snapshot, created.metadata) == ({"id": 1, "n": 2, "late": "x"}, {})
