"""The C extension pgAudit in the same server: it logs statements, we record rows, and neither minds the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pgaudit_py import Activity, Audit, set_actor
from pgaudit_py.embedded import FAST, EmbeddedServer
from tests import servers
from tests.conftest import Conn, contradictions

OBJECTS = """
    SELECT 'function', oid::regprocedure::text FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 'class', oid::regclass::text FROM pg_class WHERE oid >= 16384
    UNION ALL SELECT 'trigger', tgname::text FROM pg_trigger UNION ALL SELECT 'event trigger', evtname::text FROM pg_event_trigger
    UNION ALL SELECT 'schema', nspname::text FROM pg_namespace ORDER BY 1, 2"""
EXTENSION = ("shared_preload_libraries=pgaudit", "pgaudit.log=all", "pgaudit.log_parameter=on")


@pytest.fixture(scope="module")
def bindir() -> Path:
    found = servers.debian()
    if not (found.parent / "lib" / "pgaudit.so").is_file():
        servers.unavailable("there is no extension pgAudit: apt-get install postgresql-15-pgaudit")
    return found


@pytest.fixture(scope="module")
def with_extension(bindir: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(settings=(*FAST, *EXTENSION), base=servers.MEMORY, bindir=bindir) as running:
        yield running


@pytest.fixture(scope="module")
def without(bindir: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(settings=FAST, base=servers.MEMORY, bindir=bindir) as running:
        yield running


def told(one: Activity) -> tuple[object, ...]:
    """What an activity says, without what is another one in each run."""
    return (
        one.operation, one.action, one.subject_id, one.causer, str(one.ip), one.db_role, one.changes, one.snapshot, one.omitted
    )  # fmt: skip


def main_job(conn: Conn) -> list[Any]:
    """Install, write in every way, read, restore, check, uninstall: what was found at each step, without times."""
    found: list[Any] = []
    audit = Audit(conn)
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, tags text[], email text)")
    conn.execute("INSERT INTO posts SELECT i, 'old', '{a}', 'o@o' FROM generate_series(1, 20) AS i")
    found.append(bool(audit.migrate()))
    found.append(audit.install("posts", redact=["email"]).outcome)
    audit.baseline("posts")
    with conn.transaction():
        set_actor(conn, "alice", ip="203.0.113.7")
        conn.execute("INSERT INTO posts VALUES (30, 'Tea', '{hot,\"new in\"}', 'a@a')")
        conn.execute("UPDATE posts SET title = 'Coffee', email = 'b@b' WHERE id IN (1, 30)")
        conn.execute("DELETE FROM posts WHERE id = 2")
    with conn.cursor().copy("COPY posts FROM STDIN") as copy:
        copy.write_row((31, "copied", "{}", "c@c"))
    conn.execute("ALTER TABLE posts ADD added int DEFAULT 7")
    conn.execute("UPDATE posts SET added = 8 WHERE id = 3")
    found.append([one.state for one in audit.status()])
    found.append(audit.sync("posts").outcome)
    found.append([finding for finding in audit.doctor() if finding.is_wrong])
    found.append([told(one) for one in audit.iter_activity()])
    deleted = audit.history("posts", 2)[-1]
    audit.restore(version=deleted.id)
    found.append(conn.execute("SELECT * FROM posts ORDER BY id").fetchall())
    found.append([(one.operation, one.action) for one in audit.history("posts", 2)])
    conn.execute("TRUNCATE posts")
    found.append(sorted(str((one.operation, one.subject_id)) for one in audit.iter_activity()))
    found.append(contradictions(conn))
    found.append(audit.uninstall("posts"))
    conn.execute("INSERT INTO posts VALUES (99)")
    found.append(len(list(audit.iter_activity())))
    return found


def test_the_main_job_gives_the_same(with_extension: EmbeddedServer, without: EmbeddedServer) -> None:
    with psycopg.connect(without.dsn(), autocommit=True) as conn:
        expected = main_job(conn)
    with psycopg.connect(with_extension.dsn(), autocommit=True) as conn:
        conn.execute("CREATE EXTENSION pgaudit")
        found = main_job(conn)
    assert found == expected
    assert found[-3:-1] == [[], "posts"]
    said = servers.log_of(with_extension)
    # It was awake, and saw the application's statements and those that our triggers run for them.
    assert re.search(r"AUDIT: SESSION,.*,WRITE,UPDATE,.*UPDATE posts SET title = 'Coffee'", said)
    assert re.search(r"AUDIT: SESSION,.*,WRITE,INSERT,.*INSERT INTO pgaudit_py.activity_log", said)


def test_nothing_of_ours_stays_and_all_of_its_own(with_extension: EmbeddedServer) -> None:
    """Its event triggers see our DROPs."""
    with psycopg.connect(with_extension.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE dropped")
    with psycopg.connect(with_extension.dsn("dropped"), autocommit=True) as conn:
        conn.execute("CREATE EXTENSION pgaudit; CREATE TABLE t (id int PRIMARY KEY)")
        before = conn.execute(OBJECTS).fetchall()
        audit = Audit(conn)
        audit.migrate()
        audit.install("t")
        conn.execute("INSERT INTO t VALUES (1)")
        assert contradictions(conn) == []
        audit.drop_schema()
        assert conn.execute(OBJECTS).fetchall() == before
