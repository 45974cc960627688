"""Behind PgBouncer, which gives a session of the server to one client after another, transaction by transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgaudit_py import Audit, AuditConnection, Finding, actor, set_actor
from pgaudit_py.embedded import EmbeddedServer, unprivileged_user
from tests.conftest import Conn, Run

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SETTINGS = """
[databases]
* = host={sockets} port=5432
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {sessions}
"""


@pytest.fixture(params=[1])
def pooled(db: str, server: EmbeddedServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The connection string of the database behind a pooler with so many sessions of the server."""
    if PROGRAM is None:
        assert not os.environ.get("CI"), "install pgbouncer: apt-get install pgbouncer"
        pytest.skip("no pgbouncer here: apt-get install pgbouncer")
    at = conninfo_to_dict(db)
    folder = server.folder / f"pooler-{tmp_path.name}"  # a socket's path is short, and others may enter it
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    settings = SETTINGS.format(sockets=at["host"], folder=folder, sessions=request.param)
    (folder / "settings").write_text(settings)
    (folder / "users").write_text('"postgres" ""\n')
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [PROGRAM, str(folder / "settings")], stdout=log, stderr=log, cwd="/", **unprivileged_user()
        )
    try:
        yield _ready(make_conninfo(db, host=str(folder), port=6432), folder / "log")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


def _ready(dsn: str, log: Path) -> str:
    end = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.02)
        else:
            return dsn


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, n int)")
    audit.install("posts")
    return conn


def client(dsn: str) -> Conn:
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def about_the_way(audit: Audit) -> list[Finding]:
    return [one for one in audit.doctor() if one.about in {"this connection", "this session"}]


def test_it_is_noticed(posts: Conn, audit: Audit, pooled: str) -> None:
    assert about_the_way(audit) == []
    with client(pooled) as one:
        (note,) = about_the_way(Audit(one))
        assert (note.state, "it goes through a pooler" in note.detail) == ("note", True)
    with psycopg.connect(pooled, autocommit=True) as one:
        note, prepares = about_the_way(Audit(one))
        assert (prepares.state, "it prepares statements" in prepares.detail) == ("note", True)


def test_what_somebody_else_set_is_found_and_mended(posts: Conn, audit: Audit, pooled: str) -> None:
    """Alice sets who is acting for a session, Bob gets it, and says so before he writes as her."""
    with client(pooled) as alice, client(pooled) as bob:
        alice.execute("SET pgaudit_py.causer_id = 'alice'")
        (leak,) = [one for one in about_the_way(Audit(bob)) if one.is_wrong]
        assert "causer_id alice; its writes are recorded so, marked _bare" in leak.detail
        bob.execute("INSERT INTO posts VALUES (1, 1)")
        (written,) = audit.activity()
        assert (written.causer_id, written.metadata) == ("alice", {"_bare": True})
        assert leak.fix.startswith("Run `RESET ALL`")
        bob.execute("RESET ALL")
        assert [one for one in about_the_way(Audit(bob)) if one.is_wrong] == []
        bob.execute("INSERT INTO posts VALUES (2, 2)")
        assert next(iter(audit.activity(limit=1))).causer_id is None


def test_a_stamp_that_somebody_else_left_is_not_believed(posts: Conn, audit: Audit, pooled: str) -> None:
    with client(pooled) as alice, client(pooled) as bob:
        with alice.transaction():
            set_actor(alice, "alice")
            alice.execute("""SELECT set_config(name, current_setting(name), false)
                FROM unnest('{pgaudit_py.causer_id,pgaudit_py.stamp}'::text[]) AS name""")
        (stale,) = [one for one in about_the_way(Audit(bob)) if one.about == "this session"]
        assert (stale.state, "known to be stale" in stale.detail) == ("note", True)
        bob.execute("INSERT INTO posts VALUES (1, 1)")
        (written,) = audit.activity()
        assert (written.causer_id, "_stale" in written.metadata) == (None, True)
        bob.execute("RESET ALL")
        assert [one for one in about_the_way(Audit(bob)) if one.about == "this session"] == []


@pytest.mark.parametrize("pooled", [2], indirect=True)
def test_many_clients_over_two_sessions_are_told_apart(posts: Conn, audit: Audit, pooled: str) -> None:
    """Half of them say who is acting; the rows say who wrote them, and the log says the same."""
    posts.execute("CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who text)")
    audit.install("notes")
    failed: list[Exception] = []

    def work(number: int) -> None:
        who = f"user {number}" if number % 2 else None
        try:
            with AuditConnection.connect(pooled, autocommit=True, prepare_threshold=None) as conn:
                for _ in range(8):
                    with actor(who), conn.transaction():
                        conn.execute("INSERT INTO notes (who) VALUES (%s)", [who])
                        conn.execute("UPDATE notes SET who = who WHERE id = currval('notes_id_seq')")
        except Exception as error:
            failed.append(error)

    clients = [threading.Thread(target=work, args=(number,)) for number in range(50)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert failed == []
    told = [
        (one.snapshot["who"], one.causer_id) for one in audit.iter_activity(subject="notes") if one.snapshot
    ]
    assert len(told) == 400
    assert [pair for pair in told if pair[0] != pair[1]] == []


@pytest.mark.parametrize("pooled", [1, 2], indirect=True)
def test_the_command_line_goes_through_it(posts: Conn, run: Run, pooled: str) -> None:
    """Each command prepares nothing that the next one, in the same session, would stumble over."""
    for number in range(8):
        posts.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY)".encode())
    assert run("install", "--all", dsn=pooled)[0] == 0
    for command in ("status", "doctor", "sync", "status"):
        code, out, err = run(command, dsn=pooled)
        assert (code, err.replace("not audited: 0 tables", "")) == (0, ""), (command, out)
    code, out, _ = run("check", "--all", dsn=pooled)
    assert code == 0, out
