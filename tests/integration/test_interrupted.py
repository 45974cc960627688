"""An installer that is stopped at any statement leaves nothing half done, and the next one makes it whole."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from pgaudit_py.errors import TableNotFound
from pgaudit_py.statements import Statement
from tests.conftest import Conn, Connect, contradictions

CREATE = """
    CREATE TABLE posts (id int PRIMARY KEY, title text);
    CREATE TABLE keyless (n int);
"""
# Whatever an install makes; numbers that it draws are gone with it, so those in names and bodies are let out.
SCHEMA = r"""
    SELECT 'class', c.oid::regclass::text, c.relkind::text, c.relacl::text, c.reloptions::text, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_class AS c WHERE c.relnamespace NOT IN ('pg_toast'::regnamespace, 'pg_catalog'::regnamespace)
    UNION ALL SELECT 'attribute', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull::text, attidentity::text
    FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND attrelid::regclass::text !~ 'pg_toast'
    UNION ALL SELECT 'function', oid::regprocedure::text, proacl::text, proconfig::text, md5(regexp_replace(prosrc, '\d+', 'n', 'g')), left(obj_description(oid, 'pg_proc'), 20)
    FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname::text, tgenabled::text, tgfoid::regprocedure::text, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conname::text, conrelid::regclass::text, pg_get_constraintdef(oid), NULL, NULL
    FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT 'index', pg_get_indexdef(indexrelid), indisvalid::text, NULL, NULL, NULL FROM pg_index WHERE indexrelid >= 16384 AND indrelid::regclass::text !~ 'pg_toast'
    UNION ALL SELECT 'schema', nspname::text, nspacl::text, NULL, NULL, NULL FROM pg_namespace WHERE nspname !~ '^pg_t'"""
BOOKS = """
    SELECT name, checksum, NULL FROM pgaudit_py.migration
    UNION ALL SELECT subject_type, options::text, (removed_at IS NULL)::text FROM pgaudit_py.tracked_table
    UNION ALL SELECT 'shape', columns::text, key::text FROM pgaudit_py.table_shape ORDER BY 1, 2, 3"""


def schema(conn: Conn) -> list[str]:
    found = conn.execute(SCHEMA).fetchall()
    return sorted(str([part and re.sub(r"capture_\d+", "capture_n", part) for part in row]) for row in found)


def books(conn: Conn) -> list[Any]:
    if conn.execute("SELECT to_regclass('pgaudit_py.table_shape')").fetchone() == (None,):
        return []
    return conn.execute(BOOKS).fetchall()


def made(conn: Conn) -> tuple[list[str], list[Any]]:
    """What is there: objects, and what the library's own tables say of them."""
    return schema(conn), books(conn)


class Stopped(Exception):
    """Raised in the place of a statement."""


class Interrupted(Audit):
    """An installer in whose n-th statement something happens."""

    at: int
    happens: Callable[[Conn], object]
    sent: int = 0
    many: tuple[int, ...] = ()
    """The numbers of those that make or book functions, of which there are many."""

    def _execute(self, statement: Statement[Any]) -> list[Any]:
        self.sent += 1
        if "FUNCTION" in statement.sql or "INTO pgaudit_py.migration" in statement.sql:
            self.many += (self.sent,)
        if self.sent == self.at:
            self.happens(self.conn)
        return super()._execute(statement)


def install_all(audit: Audit) -> None:
    audit.migrate()
    audit.install("posts")
    audit.install("keyless", truncate_rows=5)


def raises(conn: Conn) -> None:
    """As when the application is stopped: its process is told, the connection lives on."""
    raise Stopped


def fails(conn: Conn) -> None:
    """As when somebody cancels the statement: its transaction has failed."""
    conn.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")


def dies(conn: Conn) -> None:
    """As when the server or an administrator ends the session."""
    conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.fixture
def empty(bare_db: str, connect: Connect) -> Conn:
    conn = connect(bare_db, autocommit=True)
    conn.execute(CREATE)
    return conn


@pytest.fixture(scope="module")
def whole(server: EmbeddedServer, admin: Conn) -> tuple[Any, tuple[int, ...]]:
    """What an uninterrupted install makes; and which of its statements are one of many."""
    admin.execute("CREATE DATABASE uninterrupted")
    with psycopg.connect(server.dsn("uninterrupted"), autocommit=True) as conn:
        conn.execute(CREATE)
        audit = Interrupted(conn)
        audit.at = 0
        install_all(audit)
        return made(conn), audit.many


@pytest.mark.parametrize(("happens", "step"), [(raises, 10), (fails, 25), (dies, 25)])
def test_stopped_at_any_statement_and_repeated(
    bare_db: str, empty: Conn, connect: Connect, whole: tuple[Any, tuple[int, ...]], happens: Any, step: int
) -> None:
    """Between two statements only whole transactions are seen: nothing, the schema, one table, both tables.

    Of the statements that make the many functions of the schema, it is every `step`-th.
    """
    expected, many = whole
    stages, at, stopped = [made(empty)], 1, 0
    while True:
        audit = Interrupted(connect(bare_db, autocommit=True))
        audit.at, audit.happens = at, happens
        try:
            install_all(audit)
        except (Stopped, psycopg.Error):
            stopped += 1
        found = made(empty)
        if audit.sent < at:
            break
        if happens is not dies:
            assert audit.conn.info.transaction_status.name == "IDLE"
        audit.conn.close()
        if found != stages[-1]:
            stages.append(found)
            at = 0
        at += 1
        while len(stages) == 1 and at in many and at % step:
            at += 1
    assert found not in stages
    assert found == expected
    assert len({str(stage) for stage in stages}) == len(stages) == 3
    assert stopped > 30
    empty.execute("INSERT INTO posts VALUES (1, 'Tea'); INSERT INTO keyless VALUES (1)")
    assert [one.operation for one in Audit(empty).activity()] == ["I", "I"]
    assert contradictions(empty) == []


@pytest.mark.parametrize("then", ["", "CREATE TABLE posts (id int PRIMARY KEY, other int);"])
def test_a_table_dropped_before_any_statement_of_its_install(
    conn: Conn, db: str, connect: Connect, then: str
) -> None:
    """It is either held, and the DROP waits, or missed; also where another one bears its name by then."""
    other = connect(db, autocommit=True)
    other.execute("SET lock_timeout = 1")
    dropped: list[int] = []

    def drop(_: Conn) -> None:
        with suppress(psycopg.errors.LockNotAvailable):
            other.execute(f"DROP TABLE posts; {then}".encode())
            dropped.append(audit.sent)

    outcomes: list[str] = []
    at = 1
    while True:
        conn.execute("DROP TABLE IF EXISTS posts; CREATE TABLE posts (id int PRIMARY KEY, title text)")
        audit = Interrupted(conn)
        audit.at, audit.happens = at, drop
        try:
            outcomes.append(audit.install("posts").outcome)
        except TableNotFound as error:
            outcomes.append(error.message)
        if audit.sent < at:
            break
        at += 1
    missing = ["there is no table 'posts'"] if not then else []
    assert set(outcomes) == {"installed", "table posts was dropped meanwhile", *missing}
    assert dropped == list(range(1, len(dropped) + 1))
    assert len(dropped) < len(outcomes) - 1
