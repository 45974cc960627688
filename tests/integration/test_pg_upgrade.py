"""pg_upgrade to a newer major version: the log, the triggers and the histories go along."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import FAST, EmbeddedServer, unprivileged_user
from tests import servers
from tests.conftest import contradictions

LINES = "SELECT * FROM pgaudit_py.activity_log ORDER BY id"


def run(folder: Path, *command: str | Path) -> None:
    """Run one of the programs as who owns the data."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, **unprivileged_user()
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its user's own, for two clusters."""
    with servers.kept_folder() as at:
        at.mkdir()
        if user := unprivileged_user():
            os.chown(at, user["user"], user["group"])
        yield at


@pytest.mark.parametrize("way", ["--copy", "--link"])
def test_from_15_to_18(folder: Path, way: str) -> None:
    """It needs all programs of the older version, which here only Debian's has, and clusters that were made alike."""
    older, newer = servers.debian(), servers.programs(18)
    with (
        EmbeddedServer(folder / "old", settings=FAST, base=servers.MEMORY, bindir=older) as server,
        psycopg.connect(server.dsn(), autocommit=True) as conn,
    ):
        audit = Audit(conn)
        audit.migrate()
        conn.execute("CREATE TABLE posts (id int PRIMARY KEY, gone int, title text, body text)")
        conn.execute("ALTER TABLE posts DROP gone")
        audit.install("posts", redact=["body"])
        conn.execute("INSERT INTO posts VALUES (1, 'Tea', 'x'), (2, 'Milk', 'y')")
        conn.execute("UPDATE posts SET title = 'Coffee' WHERE id = 1; DELETE FROM posts WHERE id = 2")
        before = conn.execute(LINES).fetchall()
    with EmbeddedServer(settings=FAST, base=servers.MEMORY, bindir=newer) as reachable:
        new = folder / "new"
        # Checksums are the default of 18, and were not that of 15.
        run(folder, reachable.tool("initdb"), "-D", new, "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-data-checksums", "--no-sync")  # fmt: skip
        run(
            folder, reachable.tool("pg_upgrade"), way, "-U", "postgres", "-s", folder,
            "-b", older, "-d", folder / "old", "-B", reachable.bindir, "-D", new,
        )  # fmt: skip
    with (
        EmbeddedServer(new, settings=FAST, base=servers.MEMORY, bindir=newer) as server,
        psycopg.connect(server.dsn(), autocommit=True) as conn,
    ):
        assert conn.info.server_version // 10000 == 18
        audit = Audit(conn)
        assert conn.execute(LINES).fetchall() == before
        assert contradictions(conn) == []
        conn.execute("UPDATE posts SET title = 'Water', body = 'z' WHERE id = 1")
        assert audit.sync("posts").outcome == "updated"
        assert [one.state for one in audit.status()] == ["installed"]
        assert [finding for finding in audit.doctor() if finding.is_wrong] == []
        conn.execute("UPDATE posts SET title = 'Juice' WHERE id = 1")
        entries = audit.history("posts", 1)
        assert [entry.state["title"] for entry in entries if entry.state] == [
            "Tea",
            "Coffee",
            "Water",
            "Juice",
        ]
        assert set(entries[2].omitted) == {"body"}
        audit.restore(version=audit.history("posts", 2)[-1].id)
        assert conn.execute("SELECT id, title FROM posts ORDER BY id").fetchall() == [
            (1, "Juice"),
            (2, "Milk"),
        ]
        assert contradictions(conn) == []
