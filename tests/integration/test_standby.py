"""A database that only reads: everything that reads works there, and what writes says why it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgaudit_py import Audit
from pgaudit_py.cli import main
from pgaudit_py.embedded import FAST, EmbeddedServer, unprivileged_user
from pgaudit_py.errors import ReadOnlyDatabase
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


@pytest.fixture(scope="module")
def standby(server: EmbeddedServer) -> Iterator[str]:
    """A hot standby of a server with an audited table, both of their own: its connection string."""
    base, user = server.folder.parent, unprivileged_user()
    data = base / f"standby-{os.getpid()}"
    with EmbeddedServer(settings=FAST, base=base) as primary:
        with psycopg.connect(primary.dsn(), autocommit=True) as conn:
            Audit(conn).migrate()
            conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE other (id int)")
            Audit(conn).install("t")
            conn.execute(
                "INSERT INTO t VALUES (1, 1), (2, 1); UPDATE t SET n = 2; DELETE FROM t WHERE id = 2"
            )
        data.mkdir(mode=0o700)
        if user:
            os.chown(data, user["user"], user["group"])
        copy: list[str | Path] = [
            primary.tool("pg_basebackup"),
            "-d",
            primary.dsn(),
            "-D",
            data,
            "-R",
            "-X",
            "fetch",
            "-c",
            "fast",
            "--no-sync",
        ]
        try:
            subprocess.run(copy, check=True, cwd="/", **user)
            with EmbeddedServer(data=data, settings=FAST, base=base) as running:
                yield running.dsn()
        finally:
            shutil.rmtree(data)
            (base / f".{data.name}.lock").unlink(missing_ok=True)


@pytest.fixture(params=["a standby", "a session that only reads"])
def reader(request: pytest.FixtureRequest, connect: Connect) -> Conn:
    if request.param == "a standby":
        conn = connect(request.getfixturevalue("standby"), autocommit=True)
        assert conn.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        return conn
    writer = connect(request.getfixturevalue("db"), autocommit=True)
    Audit(writer).migrate()
    writer.execute("CREATE TABLE t (id int PRIMARY KEY, n int); CREATE TABLE other (id int)")
    Audit(writer).install("t")
    writer.execute("INSERT INTO t VALUES (1, 1), (2, 1); UPDATE t SET n = 2; DELETE FROM t WHERE id = 2")
    only = make_conninfo(request.getfixturevalue("db"), options="-cdefault_transaction_read_only=on")
    return connect(only, autocommit=True)


def test_everything_reads(reader: Conn) -> None:
    audit = Audit(reader)
    assert [one.operation for one in audit.activity()] == ["D", "U", "U", "I", "I"]
    assert [entry.operation for entry in audit.history("t", 2)] == ["I", "U", "D"]
    first, *_, last = audit.versions("t", 1)
    assert audit.version(first.id)["n"] == 1
    assert audit.diff(first.id, last.id)["n"].new == 2
    assert audit.verify_table("t") == []
    assert audit.tracked() == ["t"]
    plan = audit.plan_restore(version=first.id)
    assert (plan.operation, plan.changes["n"].new) == ("update", 1)
    assert audit.record_at("t", 1, at=datetime.now(UTC)) == {"id": 1, "n": 2}
    # These had nothing to do.
    assert not audit.migrate()
    assert audit.install("t").outcome == audit.sync("t").outcome == "unchanged"
    assert [one.state for one in audit.status()] == ["installed"]
    assert [one for one in audit.doctor() if one.is_wrong] == []


def rehearse(audit: Audit) -> None:
    with audit.rehearsal():
        audit.install("other")


@pytest.mark.parametrize(
    "write",
    [
        lambda audit: audit.install("t", snapshots="all"),
        lambda audit: audit.install("other"),
        lambda audit: audit.uninstall("t"),
        lambda audit: audit.log("login"),
        lambda audit: audit.restore(version=1),
        lambda audit: audit.drop_schema(),
        rehearse,
    ],
)
def test_what_writes_says_why_it_cannot(reader: Conn, write: Callable[[Audit], object]) -> None:
    with pytest.raises(
        ReadOnlyDatabase, match=r"cannot execute \w+.* (in a read-only transaction|during recovery)"
    ) as caught:
        write(Audit(reader))
    assert "primary" in (caught.value.hint or "")
    assert reader.info.transaction_status.name == "IDLE"


def test_nothing_is_there_yet(reader: Conn, connect: Connect) -> None:
    conn = connect(make_conninfo(reader.info.dsn, dbname="template1"), autocommit=True)
    conn.execute("SET default_transaction_read_only = on")
    with pytest.raises(ReadOnlyDatabase, match="cannot execute CREATE SCHEMA"):
        Audit(conn).migrate()


def test_at_the_command_line(reader: Conn, capsys: pytest.CaptureFixture[str]) -> None:
    options = reader.execute("SELECT current_setting('default_transaction_read_only')").fetchall()[0][0]
    dsn = make_conninfo(reader.info.dsn, options=f"-cdefault_transaction_read_only={options}")
    for arguments in (["install", "--table", "other"], ["uninstall", "--all", "--yes"], ["log", "login"]):
        with pytest.raises(SystemExit, match="1"):
            main(["--dsn", dsn, *arguments])
        problem, hint = capsys.readouterr().err.splitlines()
        assert problem.startswith("error: cannot ")
        assert hint.startswith("hint: Connect to the primary")
    for arguments in (
        ["history", "t", "1"],
        ["check", "t"],
        ["activity"],
        ["restore", "t", "1", "--version", "1", "--dry-run"],
    ):
        with pytest.raises(SystemExit, match="0"):
            main(["--dsn", dsn, *arguments])
