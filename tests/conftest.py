"""A real PostgreSQL for every test that wants one; after each, the log must equal the tables."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_postgresql.janitor import DatabaseJanitor

from pgaudit_py import Audit
from pgaudit_py.cli import main
from pgaudit_py.embedded import FAST, EmbeddedServer

Conn: TypeAlias = psycopg.Connection[Any]
Connect: TypeAlias = Callable[..., Conn]
Run: TypeAlias = Callable[..., tuple[int, str, str]]
Reload: TypeAlias = Callable[..., Conn]

_numbers = count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-dump", action="store_true", help="commit what a fresh install looks like now")
    parser.addoption(
        "--write-docs", action="store_true", help="write into the pages what the commands' --help says now"
    )


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One server a worker process, on a disk in memory where there is one."""
    memory = Path("/dev/shm")
    with EmbeddedServer(settings=FAST, base=memory if memory.is_dir() else None) as running:
        with psycopg.connect(running.dsn()) as conn:
            assert conn.info.parameter_status("server_encoding") == "UTF8"
            if major := os.environ.get("PGAUDIT_PY_TEST_MAJOR"):
                assert conn.info.server_version // 10000 == int(major)
        yield running


@pytest.fixture(scope="session")
def admin(server: EmbeddedServer) -> Iterator[Conn]:
    """A superuser's connection that makes and drops what tests need."""
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="session")
def template(server: EmbeddedServer, admin: Conn) -> str:
    """A migrated database, to be cloned."""
    admin.execute("CREATE DATABASE audit_template")
    with psycopg.connect(server.dsn("audit_template"), autocommit=True) as conn:
        Audit(conn).migrate()
    return "audit_template"


class Clone(DatabaseJanitor):
    """A database made by copying files, which takes half as long as writing them to the WAL, over a connection that is there."""

    def __init__(self, admin: Conn, name: str, template: str) -> None:
        info = admin.info
        super().__init__(
            user=info.user, host=info.host, port=info.port, dbname=name, template_dbname=template
        )
        self.admin = admin

    def init(self) -> None:
        names = [sql.Identifier(str(one)) for one in (self.dbname, self.template_dbname)]
        self.admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(*names))

    @contextmanager
    def cursor(self, dbname: str | None = None) -> Iterator[psycopg.Cursor[Any]]:
        with self.admin.cursor() as cursor:
            yield cursor


def _database(server: EmbeddedServer, admin: Conn, template: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with Clone(admin, name, template):
        yield server.dsn(name)


@pytest.fixture
def bare_db(server: EmbeddedServer, admin: Conn) -> Iterator[str]:
    """The connection string of an empty database."""
    yield from _database(server, admin, "template1")


@pytest.fixture
def other_db(server: EmbeddedServer, admin: Conn) -> Iterator[str]:
    """The connection string of another empty database."""
    yield from _database(server, admin, "template1")


@pytest.fixture
def reload(server: EmbeddedServer, admin: Conn, other_db: str, connect: Connect) -> Reload:
    """Dump a database and load it into an empty one, where oids are others: reload(dsn)."""

    def load(dsn: str, into: str = other_db) -> Conn:
        dump = [str(server.tool("pg_dump")), "-d", dsn]
        dumped = subprocess.run(dump, check=True, capture_output=True, cwd="/").stdout
        if admin.info.server_version < 170000:  # whose own pg_dump would not set what it does not know
            dumped = dumped.replace(b"SET transaction_timeout = 0;", b"")
        psql = [str(server.tool("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", into]
        first = b"CREATE TEMPORARY TABLE shift ();"
        subprocess.run(psql, input=first + dumped, check=True, capture_output=True, cwd="/")
        return connect(into, autocommit=True)

    return load


@pytest.fixture
def db(server: EmbeddedServer, admin: Conn, template: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of a migrated database; at the end, log and tables must tell the same."""
    databases = _database(server, admin, template)
    dsn = next(databases)
    yield dsn
    try:
        if request.node.get_closest_marker("unverified") is None:
            with psycopg.connect(dsn, autocommit=True) as conn:
                assert contradictions(conn) == []
    finally:
        next(databases, None)  # left to the collector it would be dropped, or not, once the server is gone


def contradictions(conn: Conn) -> list[Any]:
    """What verify_table and broken_laws find, over all tables that are audited."""
    if conn.execute("SELECT to_regnamespace('pgaudit_py')").fetchone() == (None,):
        return []
    live = "SELECT subject_type FROM pgaudit_py.tracked_table WHERE pgaudit_py.live_table(subject_type) IS NOT NULL"
    found: list[Any] = []
    for (subject_type,) in conn.execute(live).fetchall():
        found += conn.execute("SELECT * FROM pgaudit_py.verify_table(%s)", [subject_type]).fetchall()
    return found + conn.execute("SELECT * FROM pgaudit_py.broken_laws()").fetchall()


def until_somebody_waits(conn: Conn, relation: str) -> None:
    """Wait until another session waits for a lock of a table: for that itself, not for some time."""
    waiting = """SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass"""
    end = time.monotonic() + 20
    while not conn.execute(waiting, [relation]).fetchall():
        assert time.monotonic() < end, f"nobody waits for {relation}"
        time.sleep(0.002)


def started(conn: Conn) -> Any:
    """When the server came up, or came up again after a crash."""
    found = conn.execute("SELECT backend_start FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    return found.fetchall()


def reconnected(server: EmbeddedServer, before: Any) -> Conn:
    """Connect to a server that recovers from a crash; it may still take connections until it notices."""
    for _ in range(200):
        with suppress(psycopg.OperationalError):
            conn: Conn = psycopg.connect(server.dsn(), autocommit=True)
            if started(conn) not in ([], before):
                return conn
            conn.close()
        time.sleep(0.05)
    raise AssertionError("it did not recover")


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Open connections that are closed when the test ends: connect(dsn, user=…, autocommit=…)."""
    opened: list[Conn] = []

    def open_one(dsn: str, *, user: str | None = None, autocommit: bool = False, **options: Any) -> Conn:
        conn: Conn = psycopg.connect(
            make_conninfo(dsn, **({"user": user} if user else {})), autocommit=autocommit, **options
        )
        opened.append(conn)
        return conn

    yield open_one
    for conn in opened:
        conn.close()


@pytest.fixture
def conn(db: str, connect: Connect) -> Conn:
    """A connection in autocommit mode to a migrated database."""
    return connect(db, autocommit=True)


@pytest.fixture
def audit(conn: Conn) -> Audit:
    """The audit trail over `conn`."""
    return Audit(conn)


@pytest.fixture
def run(db: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the command line; gives exit code, output, errors."""

    def call(*arguments: str, dsn: str | None = db) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(["--dsn", dsn, *arguments] if dsn else arguments)
        said = capsys.readouterr()
        code = done.value.code
        return (code if isinstance(code, int) else -1), said.out, said.err

    return call


@pytest.fixture
def role(admin: Conn) -> Iterator[Callable[[], str]]:
    """Make login roles that are dropped, with what they own, when the test ends."""
    made: list[str] = []

    def make() -> str:
        name = f"role_{os.getpid()}_{next(_numbers)}"
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        made.append(name)
        return name

    yield make
    for name in made:
        admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
