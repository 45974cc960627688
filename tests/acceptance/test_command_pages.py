"""The examples on the commands' pages are run one after another on a small blog, and say what the pages show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn
from tests.reference import FOLDER

BIN = Path(sys.executable).parent
EXAMPLE = re.compile(r"```sh\n(?P<script>.*?)```(?:\n\n```text\n(?P<shown>.*?)```)?", re.DOTALL)


@pytest.fixture
def blog(conn: Conn, audit: Audit) -> Conn:
    """Post 1 is written by alice, published by bob, and changed by nobody known; nothing is recorded of comments yet."""
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, price numeric(10, 2), status text)")
    conn.execute("CREATE TABLE comments (id int PRIMARY KEY, body text)")
    audit.install("posts")
    for who, address, what in (
        ("alice", "203.0.113.7", "INSERT INTO posts VALUES (1, 'How to brew tea', 1.50, 'draft')"),
        ("bob", "198.51.100.23", "UPDATE posts SET title = 'How to brew GREEN tea', status = 'published'"),
        (None, None, "UPDATE posts SET title = 'Buy my coffee'"),
    ):
        with conn.transaction():
            set_actor(conn, who, ip=address, request_id=who and f"{who}-1")
            conn.execute(what)
    return conn


def bare(text: str) -> list[str]:
    """Leave out what differs from run to run: times, and the numbers of transactions."""
    text = re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+(\+\d\d:\d\d)?", "TIME", text)
    text = re.sub(r'("transaction_id": |TIME,|transaction |"id": (?=\d{3}))\d+', r"\1N", text)
    return [line.rstrip() for line in text.splitlines()]


forged = pytest.mark.unverified(reason="the page of check shows what it finds")
PAGES = [
    pytest.param(page, id=page.stem, marks=[forged] if page.stem == "check" else [])
    for page in sorted(FOLDER.glob("*.md"))
]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples(blog: Conn, db: str, page: Path, tmp_path: Path, server: EmbeddedServer) -> None:
    psql = Path(server.tool("psql")).parent
    environment = {
        **os.environ, "DATABASE_URL": db, "PATH": f"{BIN}:{psql}:{os.environ['PATH']}", "TERM": "dumb", "TZ": "UTC", "HOME": str(tmp_path),
    }  # fmt: skip
    for example in EXAMPLE.finditer(page.read_text(encoding="utf-8")):
        for line in example["script"].splitlines():
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)  # fmt: skip
            wanted = re.search(r"# exit code (\d)", line)
            assert done.returncode == (int(wanted[1]) if wanted else 0), (line, done.stderr)
            assert "Traceback" not in done.stderr
        if example["shown"]:
            assert bare(done.stdout) == bare(example["shown"]), line
