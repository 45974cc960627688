"""Killed at any moment, under load: what comes up again is a table and a log that tell the same, and nothing acknowledged is lost.

PGAUDIT_PY_CRASH_ROUNDS=20 for more rounds than a test run has time for.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import EmbeddedServerError
from tests import servers
from tests.conftest import Conn, contradictions, reconnected, started

pytestmark = pytest.mark.every_major

ROUNDS = int(os.environ.get("PGAUDIT_PY_CRASH_ROUNDS", "1"))
WRITERS = 3
# What a killed process wrote is with the kernel: only a machine that fails needs fsync. A page may be half written.
SETTINGS = ("fsync=off", "full_page_writes=on", "jit=off", "checkpoint_timeout=30s", "restart_after_crash=on")
SCHEMA = """
    CREATE TABLE counter (writer int PRIMARY KEY, n int NOT NULL);
    CREATE TABLE things (id int PRIMARY KEY, writer int, n int, body text);
"""


class Writer(threading.Thread):
    """Writes until its connection breaks; `acknowledged` is the last number that a COMMIT was answered for."""

    def __init__(self, dsn: str, number: int) -> None:
        super().__init__()
        self.dsn, self.number, self.acknowledged, self.begun = dsn, number, 0, 0
        self.pid = 0
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            with psycopg.connect(self.dsn) as conn:
                self.pid = conn.info.backend_pid
                while True:
                    self.begun += 1
                    self.write(conn, self.begun)
                    conn.commit()
                    self.acknowledged = self.begun
        except psycopg.OperationalError:  # the server is gone
            pass
        except BaseException as problem:
            self.problem = problem

    def write(self, conn: Conn, n: int) -> None:
        """Several rows in each of the ways, of which some are rolled back, in transactions of some length."""
        set_actor(conn, self.number)
        conn.execute("UPDATE counter SET n = %s WHERE writer = %s", [n, self.number])
        first = self.number * 1_000_000 + n * 10
        conn.execute(
            "INSERT INTO things SELECT i, %s, %s, repeat('x', 300) FROM generate_series(%s::int, %s::int) AS i",
            [self.number, n, first, first + 3],
        )
        with suppress(psycopg.errors.DivisionByZero), conn.transaction():
            conn.execute("DELETE FROM things WHERE writer = %s", [self.number])
            conn.execute("SELECT 1 / 0")
        conn.execute("UPDATE things SET n = n + 1, body = 'y' WHERE id IN (%s, %s)", [first, first + 1])
        conn.execute("UPDATE things SET id = id + 5 WHERE id = %s", [first + 2])
        conn.execute(
            "DELETE FROM things WHERE writer = %s AND id < %s AND id >= %s", [self.number, first, first - 20]
        )


class Cluster:
    """A server on data that outlive it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.server = self.start()
        with self.connect() as conn:
            conn.execute(SCHEMA)
            audit = Audit(conn)
            audit.migrate()
            for table in ("counter", "things"):
                audit.install(table)
            conn.execute("INSERT INTO counter SELECT i, 0 FROM generate_series(1, %s) AS i", [WRITERS])

    def start(self) -> EmbeddedServer:
        """Start it; the backends of a postmaster that was killed end when they notice, and until then hold its memory."""
        end = time.monotonic() + 20
        while True:
            try:
                return EmbeddedServer(self.data, settings=SETTINGS, base=servers.MEMORY)
            except EmbeddedServerError as error:
                if "in use" not in error.message or time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def connect(self) -> Conn:
        conn: Conn = psycopg.connect(self.server.dsn(), autocommit=True)
        return conn

    def restarted(self) -> None:
        self.server.stop()
        self.server = self.start()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with servers.kept_folder() as data:
        running = Cluster(data)
        yield running
        running.server.stop()


@contextmanager
def load(cluster: Cluster, synchronous_commit: str) -> Iterator[list[Writer]]:
    """Writers at work; at the end of the block the server is on its way down."""
    dsn = make_conninfo(cluster.server.dsn(), options=f"-c synchronous_commit={synchronous_commit}")
    with cluster.connect() as conn:
        conn.execute("UPDATE counter SET n = 0")
        conn.execute("DELETE FROM things")
    writers = [Writer(dsn, number) for number in range(1, WRITERS + 1)]
    for one in writers:
        one.start()
    end = time.monotonic() + 20
    while min(one.acknowledged for one in writers) < 5:
        assert time.monotonic() < end
        assert [one.problem for one in writers if not one.is_alive()] == []
        time.sleep(0.005)
    time.sleep(random.random() / 10)
    yield writers
    for one in writers:
        one.join(20)
        assert not one.is_alive()
        assert one.problem is None


def kill_a_backend(cluster: Cluster, writers: list[Writer]) -> None:
    """The postmaster ends all others, recovers, and goes on."""
    with cluster.connect() as conn:
        before = started(conn)
    os.kill(writers[0].pid, signal.SIGKILL)
    reconnected(cluster.server, before).close()


def kill_the_wal_writer(cluster: Cluster, writers: list[Writer]) -> None:
    with cluster.connect() as conn:
        before = started(conn)
        (row,) = conn.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'").fetchall()
    os.kill(row[0], signal.SIGKILL)
    reconnected(cluster.server, before).close()


def kill_the_postmaster(cluster: Cluster, writers: list[Writer]) -> None:
    assert cluster.server.pid
    os.kill(cluster.server.pid, signal.SIGKILL)
    cluster.restarted()


def stop_immediately(cluster: Cluster, writers: list[Writer]) -> None:
    assert cluster.server.pid
    os.kill(cluster.server.pid, signal.SIGQUIT)
    cluster.restarted()


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("synchronous_commit", ["on", "off"])
@pytest.mark.parametrize(
    "happens", [kill_a_backend, kill_the_wal_writer, kill_the_postmaster, stop_immediately]
)
def test_after_a_crash_log_and_tables_tell_the_same(
    cluster: Cluster, happens: Callable[[Cluster, list[Writer]], None], synchronous_commit: str, round_: int
) -> None:
    with load(cluster, synchronous_commit) as writers:
        happens(cluster, writers)
    with cluster.connect() as conn:
        assert contradictions(conn) == []
        audit = Audit(conn)
        kept = dict(conn.execute("SELECT writer, n FROM counter").fetchall())
        for one in writers:
            # Of the transaction whose COMMIT was not answered, nobody knows; of those that were, all are there, or the last are not.
            least = one.acknowledged if synchronous_commit == "on" else 0
            assert least <= kept[one.number] <= one.begun
            last = audit.history("counter", one.number)[-1]
            assert last.changes["n"].new == kept[one.number]
            if kept[one.number]:
                assert last.causer == str(one.number)
        # What was rolled back left nothing, neither here nor there.
        rows = conn.execute("SELECT writer, max(n) FROM things WHERE body <> 'y' GROUP BY writer").fetchall()
        assert dict(rows) == {writer: n for writer, n in kept.items() if n}
        assert [finding for finding in audit.doctor() if finding.is_wrong] == []
        assert {one.state for one in audit.status()} == {"installed"}
        # And the log goes on: no id is given twice.
        conn.execute("UPDATE counter SET n = n + 1")
        assert contradictions(conn) == []
        assert conn.execute(
            "SELECT count(*) - count(DISTINCT id) FROM pgaudit_py.activity_log"
        ).fetchone() == (0,)


def test_an_unlogged_table_is_empty_after_a_crash_and_check_says_so(cluster: Cluster) -> None:
    """The log is not: it still tells what the rows were, and gives them back."""
    with cluster.connect() as conn:
        conn.execute("CREATE UNLOGGED TABLE fleeting (id int PRIMARY KEY, n int)")
        audit = Audit(conn)
        audit.install("fleeting")
        (warned,) = [one for one in audit.doctor() if one.about == "fleeting"]
        assert (warned.state, warned.is_wrong) == ("limited", False)
        assert "a crash empties it" in warned.detail
        conn.execute("INSERT INTO fleeting VALUES (1, 1), (2, 2); UPDATE fleeting SET n = 3 WHERE id = 1")
        assert contradictions(conn) == []
        before = started(conn)
        os.kill(conn.info.backend_pid, signal.SIGKILL)
    reconnected(cluster.server, before).close()
    with cluster.connect() as conn:
        audit = Audit(conn)
        assert conn.execute("SELECT count(*) FROM fleeting").fetchone() == (0,)
        found = audit.verify_table("fleeting")
        assert {(one.subject_id, one.problem) for one in found} == {
            ("1", "the row is missing"), ("2", "the row is missing")
        }  # fmt: skip
        assert audit.history("fleeting", 1)[-1].state == {"id": 1, "n": 3}
        audit.uninstall("fleeting")
        conn.execute("DROP TABLE fleeting")
