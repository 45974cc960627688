"""activity --follow, as people look at it and as a pipe reads it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pgaudit_py import Audit
from tests.conftest import Conn


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
    audit.install("posts")
    conn.execute("INSERT INTO posts SELECT i FROM generate_series(1, 12) AS i")
    return conn


@contextmanager
def following(db: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    # What starts the tests in the background may have had Ctrl-C ignored, and that is inherited.
    with subprocess.Popen(
        [sys.executable, "-m", "pgaudit_py", "--dsn", db, "activity", "--follow", *arguments], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": ""},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str], how_many: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline() for _ in range(how_many)]


def test_as_json(posts: Conn, db: str) -> None:
    with following(db, "-o", "json") as process:
        assert [json.loads(line)["subject_id"] for line in lines(process, 10)] == [
            str(n) for n in range(3, 13)
        ]
        posts.execute("INSERT INTO posts VALUES (13)")
        assert json.loads(lines(process, 1)[0])["subject_id"] == "13"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr
        assert (process.stderr.read(), lines(process, 1)) == ("stopped\n", [""])


def test_as_csv(posts: Conn, db: str) -> None:
    with following(db, "-o", "csv", "--limit", "1") as process:
        header, first = lines(process, 2)
        assert header.startswith("id,created_at")
        assert first.startswith("12,")


def test_for_people(posts: Conn, db: str) -> None:
    with following(db, "--limit", "1", "--subject", "posts", "--action", "created") as process:
        heading, first, below = lines(process, 3)
        posts.execute("DELETE FROM posts WHERE id = 1; INSERT INTO posts VALUES (13)")
        second, _ = lines(process, 2)
        assert below.strip() == "+ id 12"
        assert "posts:13" in second
        columns = [
            line.index(word) for line, word in ((heading, "action"), (first, "created"), (second, "created"))
        ]
        assert len(set(columns)) == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130


def test_a_closed_pipe(posts: Conn, db: str) -> None:
    with following(db, "-o", "json", "--limit", "1") as process:
        lines(process, 1)
        assert process.stdout
        process.stdout.close()
        posts.execute("INSERT INTO posts VALUES (13)")
        assert process.wait(20) == 1
        assert process.stderr
        assert process.stderr.read() == ""


def test_the_server_ends_the_connection(posts: Conn, db: str) -> None:
    with following(db, "-o", "json", "--limit", "1") as process:
        lines(process, 1)
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgaudit-py'"
        assert posts.execute(ours).fetchall() == [(True,)]
        assert process.wait(20) == 1
        assert process.stderr
        said, hint = process.stderr.read().splitlines()
        assert (said.startswith("error: "), hint.startswith("hint: Run it again")) == (True, True)
