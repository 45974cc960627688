"""A full disk: the write fails, in whichever of the two places there is no room, and log and table tell the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import FAST, EmbeddedServer, unprivileged_user
from tests import servers
from tests.conftest import Conn, contradictions

BALLAST = 4_000_000


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk in memory of its own, of 120 MB, that everybody can enter."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    at = Path("/tmp") / f"pgaudit-disk-{os.getpid()}"
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=120m,mode=0777", "tmpfs", str(at)], capture_output=True, text=True, check=False
    )  # fmt: skip
    if mounted.returncode:
        at.rmdir()
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield at
    subprocess.run(["umount", str(at)], check=True)
    at.rmdir()


def fill(disk: Path, spare: int) -> Path:
    """Leave that many bytes; removing the file gives the others back."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free - spare)
    return ballast


def write_until_it_fails(conn: Conn) -> int:
    """Rows that do not compress, a statement a hundred; returns how many rows were accepted."""
    for n in range(10_000):
        try:
            conn.execute(
                """INSERT INTO things SELECT %s * 100 + i, string_agg(md5(random()::text), '')
                   FROM generate_series(1, 100) AS i, generate_series(1, 20) GROUP BY i""",
                [n],
            )
        except psycopg.Error:
            return n * 100
    raise AssertionError("the disk is not full")


def prepared(conn: Conn) -> Audit:
    audit = Audit(conn)
    audit.migrate()
    conn.execute("CREATE TABLE things (id int PRIMARY KEY, body text)")
    audit.install("things")
    return audit


def count(conn: Conn) -> tuple[int, int]:
    (row,) = conn.execute(
        "SELECT (SELECT count(*) FROM things), (SELECT count(*) FROM pgaudit_py.activity_log WHERE operation = 'I')"
    ).fetchall()
    return int(row[0]), int(row[1])


@pytest.mark.parametrize("full", ["the table's", "the log's"])
def test_a_tablespace(disk: Path, server: EmbeddedServer, admin: Conn, bare_db: str, full: str) -> None:
    """The one that is full holds only the table, or only the log: neither grows without the other."""
    space = disk / "space"
    space.mkdir()
    user = unprivileged_user()
    os.chown(space, user["user"], user["group"])
    name = f"small_{os.getpid()}"
    admin.execute(f"CREATE TABLESPACE {name} LOCATION '{space}'".encode())
    try:
        with psycopg.connect(bare_db, autocommit=True) as conn:
            prepared(conn)
            if full == "the log's":
                partitions = (
                    "SELECT relid::text FROM pg_partition_tree('pgaudit_py.activity_log') WHERE isleaf"
                )
                for (partition,) in conn.execute(partitions).fetchall():
                    conn.execute(f"ALTER TABLE {partition} SET TABLESPACE {name}".encode())
            else:
                conn.execute(f"ALTER TABLE things SET TABLESPACE {name}".encode())
            ballast = fill(disk, BALLAST)
            accepted = write_until_it_fails(conn)
            assert count(conn) == (accepted, accepted)
            assert accepted > 0
            with pytest.raises(psycopg.errors.DiskFull, match="could not extend file") as caught:
                write_until_it_fails_loudly(conn)
            assert ("pgaudit_py" in str(caught.value.diag.context)) == (full == "the log's")
            ballast.unlink()
            conn.execute("INSERT INTO things VALUES (-1, 'there is room again')")
            assert count(conn) == (accepted + 1, accepted + 1)
            assert contradictions(conn) == []
            conn.execute("DROP TABLE things; DROP SCHEMA pgaudit_py CASCADE")
    finally:
        admin.execute(f"DROP TABLESPACE {name}".encode())


def write_until_it_fails_loudly(conn: Conn) -> None:
    """One statement of more than there is room for."""
    conn.execute(
        """INSERT INTO things SELECT -i, string_agg(md5(random()::text), '')
           FROM generate_series(2, 40000) AS i, generate_series(1, 20) GROUP BY i"""
    )


def test_where_the_wal_is(disk: Path) -> None:
    """The server goes down, and comes up again once there is room."""
    settings = (
        *FAST,
        "full_page_writes=on",
        "synchronous_commit=on",
        "min_wal_size=32MB",
        "max_wal_size=32MB",
    )
    with servers.kept_folder() as data:
        with (
            EmbeddedServer(data, settings=settings, base=servers.MEMORY) as server,
            psycopg.connect(server.dsn(), autocommit=True) as conn,
        ):
            prepared(conn)
        shutil.move(data / "pg_wal", disk / "pg_wal")
        (data / "pg_wal").symlink_to(disk / "pg_wal")
        for path in (disk / "pg_wal", *(disk / "pg_wal").rglob("*")):
            os.chown(path, data.stat().st_uid, data.stat().st_gid)
        with EmbeddedServer(data, settings=settings, base=servers.MEMORY) as server:
            ballast = fill(disk, BALLAST)  # no room for another segment, of 16 MB
            with psycopg.connect(server.dsn(), autocommit=True) as conn:
                accepted = write_until_it_fails(conn)
            assert accepted > 0
            assert "PANIC" in servers.log_of(server)
            assert "No space left on device" in servers.log_of(server)
        ballast.unlink()
        with (
            EmbeddedServer(data, settings=settings, base=servers.MEMORY) as server,
            psycopg.connect(server.dsn(), autocommit=True) as conn,
        ):
            assert count(conn) == (accepted, accepted)
            assert contradictions(conn) == []
            conn.execute("INSERT INTO things VALUES (-1, 'there is room again')")
            assert count(conn) == (accepted + 1, accepted + 1)
            assert contradictions(conn) == []
