"""Installing under load: the application's writes wait a moment at most, and none is missed once it is installed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit
from pgaudit_py.errors import LockNotAvailable
from tests.conftest import Conn, Connect

WRITERS = 8
# The server's own measure of waiting, which a busy machine does not change: it fails the statement that waits longer.
PATIENCE = "SET lock_timeout = '1s'"


class Writers:
    """Sessions that write without a pause, and remember what they had committed while auditing was known to be on."""

    def __init__(self, connections: list[Conn]) -> None:
        self.connections = connections
        self.audited = 0
        """Names the time since an install has returned, until the next uninstall begins; 0 between them."""
        self.due: Counter[tuple[int, int]] = Counter()
        self.written = 0
        self.stopping = threading.Event()
        self.failed: list[BaseException] = []

    def _work(self, number: int) -> None:
        conn = self.connections[number]
        conn.execute(PATIENCE)
        conn.commit()
        try:
            for value in range(1, 1_000_000):
                if self.stopping.is_set():
                    return
                self._write(conn, number, value)
        except BaseException as error:
            self.failed.append(error)

    def _write(self, conn: Conn, number: int, value: int) -> None:
        """An update of the writer's own record, and every other time a new record as well, in one transaction."""
        begun = self.audited
        written = [(number, value)]
        conn.execute("UPDATE busy SET n = %s WHERE id = %s", [value, number])
        if value % 2:
            written.append((number + WRITERS * value, value))
            conn.execute("SELECT pg_sleep(0.002)")  # so that an install finds the table in use
            conn.execute("INSERT INTO busy VALUES (%s, %s)", written[-1])
        conn.commit()
        self.written += 1
        if begun and begun == self.audited:
            self.due.update(written)

    @contextmanager
    def running(self) -> Any:
        with ThreadPoolExecutor(WRITERS) as threads:
            done = [threads.submit(self._work, number) for number in range(WRITERS)]
            try:
                yield self
            finally:
                self.stopping.set()
        for future in done:
            future.result()
        assert self.failed == []

    def go_on(self, transactions: int = 60) -> None:
        """Wait until so many more transactions were committed."""
        end = self.written + transactions
        while self.written < end and not self.failed:
            threading.Event().wait(0.002)


@pytest.fixture
def writers(conn: Conn, db: str, connect: Connect) -> Writers:
    conn.execute("CREATE TABLE busy (id int PRIMARY KEY, n int)")
    conn.execute("INSERT INTO busy SELECT i, 0 FROM generate_series(0, %s) AS i", [WRITERS - 1])
    return Writers([connect(db) for _ in range(WRITERS)])


def logged(conn: Conn) -> Counter[tuple[int, int]]:
    """How often the log has each write."""
    query = """SELECT subject_id::int, coalesce(changes -> 'n' ->> 'new', snapshot ->> 'n')::int
               FROM pgaudit_py.activity_log WHERE operation IN ('I', 'U')"""
    return Counter(conn.execute(query).fetchall())


@pytest.mark.unverified("the table changes while it is not audited")
def test_no_write_is_missed_and_none_waits_long(conn: Conn, audit: Audit, writers: Writers) -> None:
    with writers.running():
        for turn in (1, 2, 3):
            writers.go_on()
            assert audit.install("busy", snapshots="changes").outcome == "installed"
            writers.audited = turn
            writers.go_on()
            assert audit.install("busy", snapshots="all").outcome == "updated"
            writers.go_on()
            assert not audit.migrate()
            writers.go_on()
            writers.audited = 0
            audit.uninstall("busy")
    log = logged(conn)
    assert len(writers.due) > 300
    assert [write for write in writers.due if log[write] != 1] == []
    assert max(log.values()) == 1
    assert conn.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'busy'::regclass").fetchone() == (0,)


def test_what_is_audited_stays_so_through_every_update(conn: Conn, audit: Audit, writers: Writers) -> None:
    """Triggers are replaced in place: not a single write goes by, and the log still tells the table."""
    audit.install("busy")
    writers.audited = 1
    with writers.running():
        for turn in range(6):
            writers.go_on(40)
            assert audit.install("busy", truncate_rows=turn).outcome == "updated"
    assert logged(conn) == writers.due


def test_a_table_in_use_for_long_is_given_up_and_writers_go_on(
    conn: Conn, db: str, connect: Connect, writers: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a pause between its tries, the installer stands in the way as much as it can."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0)
    busy = connect(db)
    busy.execute("INSERT INTO busy VALUES (-1, 0)")
    with writers.running():
        before = writers.written
        with pytest.raises(
            LockNotAvailable, match="table busy stayed locked by other sessions, in 10 tries of 300 ms"
        ):
            Audit(conn).install("busy")
        assert writers.written > before + WRITERS
        busy.commit()
        writers.go_on()
        assert Audit(conn).install("busy").outcome == "installed"


def test_new_partitions_keep_nobody_waiting_for_long(
    conn: Conn, audit: Audit, db: str, connect: Connect, writers: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody made this month's in time, all writes are in the default partition, which has to be locked."""
    monkeypatch.setattr("random.uniform", lambda low, high: 0)
    audit.install("busy")
    partitions = """SELECT inhrelid::regclass::text FROM pg_inherits
                    WHERE inhparent = 'pgaudit_py.activity_log'::regclass AND inhrelid::regclass::text !~ 'default'"""
    for (name,) in conn.execute(partitions).fetchall():
        conn.execute(f"DROP TABLE {name}".encode())
    busy = connect(db)
    busy.execute("INSERT INTO busy VALUES (-1, 0)")
    with writers.running():
        before = writers.written
        with pytest.raises(LockNotAvailable, match="schema pgaudit_py stayed locked by other sessions"):
            audit.migrate()
        assert writers.written > before + WRITERS
        busy.commit()
        audit.migrate()
    assert len(conn.execute(partitions).fetchall()) == 3  # this month's activities stay where they are


def tracked(conn: Conn) -> list[Any]:
    """Each table with its triggers and functions, as often as they are there."""
    return conn.execute(
        """SELECT k.subject_type, (
                      SELECT array_agg(t.tgname::text || t.tgenabled::text ORDER BY t.tgname) FROM pg_trigger AS t
                      WHERE t.tgrelid = k.subject_type::regclass AND NOT t.tgisinternal),
                  (SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'pgaudit_py'::regnamespace
                       AND p.proname ~ ('^capture_' || k.id || '(_truncate)?$'))
           FROM pgaudit_py.tracked_table AS k ORDER BY 1"""
    ).fetchall()


TRIGGERS = ["00_pgaudit_pyA", "00_pgaudit_py_truncateA"]


@pytest.fixture
def tables(bare_db: str, connect: Connect) -> Conn:
    conn = connect(bare_db, autocommit=True)
    for name in ("shared", *(f"own_{number}" for number in range(WRITERS))):
        conn.execute(f"CREATE TABLE {name} (id int PRIMARY KEY)".encode())
    return conn


def check_one_set(tables: Conn) -> None:
    """One ledger, one schema, one line and one set of triggers for each table; and they work."""
    names = [f"own_{number}" for number in range(WRITERS)] + ["shared"]
    assert tracked(tables) == [(name, TRIGGERS, 2) for name in names]
    assert not Audit(tables).migrate()
    captures = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace AND proname ~ '^capture_[0-9]'"
    assert tables.execute(captures).fetchone() == (3 * len(names),)
    for name in names:
        assert Audit(tables).install(name).outcome == "unchanged"
        tables.execute(f"INSERT INTO {name} VALUES (1)".encode())
    assert len(Audit(tables).activity()) == len(names)


def test_eight_installers_at_once_on_an_empty_database(tables: Conn, bare_db: str, connect: Connect) -> None:
    """The same table and one of their own each, from nothing."""
    connections = [connect(bare_db, autocommit=True) for _ in range(WRITERS)]
    together = threading.Barrier(WRITERS)

    def work(number: int) -> list[str]:
        audit = Audit(connections[number])
        together.wait(10)
        migrated = audit.migrate()
        return [
            "migrated" if migrated else "",
            audit.install("shared").outcome,
            audit.install(f"own_{number}").outcome,
        ]

    with ThreadPoolExecutor(WRITERS) as threads:
        outcomes = list(threads.map(work, range(WRITERS)))
    assert Counter(one for one, *_ in outcomes) == {"migrated": 1, "": WRITERS - 1}
    assert Counter(one for _, one, _ in outcomes) == {"installed": 1, "unchanged": WRITERS - 1}
    assert [one for *_, one in outcomes] == ["installed"] * WRITERS
    check_one_set(tables)


def test_eight_command_lines_at_once(tables: Conn, bare_db: str) -> None:
    """As when eight workers of an application start, each with `pgaudit-py install` before it."""
    command = [
        sys.executable,
        "-m",
        "pgaudit_py",
        "--dsn",
        bare_db,
        "install",
        "--table",
        "shared",
        "--table",
    ]
    running = [
        subprocess.Popen(
            [*command, f"own_{number}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for number in range(WRITERS)
    ]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * WRITERS, said
    assert [err for _, err in said] == [""] * WRITERS
    lines = Counter(line.partition(":")[0] + line[-9:] for out, _ in said for line in out.splitlines())
    assert sum(one.startswith("schema") for out, _ in said for one in out.splitlines()) == 1
    assert lines["sharedinstalled"] == 1
    check_one_set(tables)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_installer_sees_what_was_done_while_it_waited(bare_db: str, connect: Connect, kind: str) -> None:
    """Also where the session would take its snapshot before it waits for the lock of installers, and keep it."""
    conn, other = connect(bare_db, autocommit=True), connect(bare_db, autocommit=True)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    Audit(conn).migrate()
    Audit(conn).install("posts")
    options = "-c default_transaction_isolation=repeatable\\ read"

    def install() -> None:
        if kind == "sync":
            with psycopg.connect(bare_db, options=options, autocommit=True) as mine:
                Audit(mine).install("posts", exclude=["title"])
        else:
            asyncio.run(install_async())

    async def install_async() -> None:
        async with await psycopg.AsyncConnection.connect(bare_db, options=options, autocommit=True) as mine:
            await AsyncAudit(mine).install("posts", exclude=["title"])

    waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    with ThreadPoolExecutor(1) as threads:
        with other.transaction():
            Audit(other).install("posts", context="require", in_transaction=True)
            waiting = threads.submit(install)
            end = time.monotonic() + 20
            while not conn.execute(waits.encode()).fetchall():
                assert time.monotonic() < end, "nobody waits for the lock of installers"
                time.sleep(0.01)
        waiting.result(20)
    (one,) = Audit(conn).status()
    assert (one.state, one.options["context"], one.options["exclude"]) == ("installed", "require", ["title"])
    with pytest.raises(psycopg.Error, match="without saying who does it"):
        conn.execute("INSERT INTO posts VALUES (1, 'a')")
