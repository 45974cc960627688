"""What the README says can be done, is done here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pgaudit_py import Audit
from pgaudit_py.cli.root import cli
from tests.conftest import Conn

ROOT = Path(__file__).parents[2]


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.fixture
def posts(conn: Conn) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text); INSERT INTO posts VALUES (1, 'Old')")
    return conn


def test_the_python(posts: Conn, db: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {"dsn": db})
    assert capsys.readouterr().out == "42 203.0.113.7 Tea -> Coffee\n"
    assert posts.execute("SELECT title FROM posts WHERE id = 7").fetchone() == ("Tea",)


def test_the_sql(posts: Conn, audit: Audit) -> None:
    audit.install("posts")
    posts.execute("UPDATE posts SET title = 'New'")
    (code,) = blocks("sql")
    for statement in code.split(";"):
        if statement.strip():
            cursor = posts.execute(statement.encode())
            assert cursor.fetchall() or "verify_table" in statement or "causer_id" in statement


def test_the_commands_exist() -> None:
    commands = [
        shlex.split(line, comments=True)
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("pgaudit-py ")
    ]
    assert len(commands) == 7
    for _, name, *arguments in commands:
        command = cli.commands[name]
        command.make_context(name, arguments, obj=None)  # parses, runs nothing


def test_the_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.MULTILINE):
        assert re.search(rf"^{target}:.*## ", makefile, re.MULTILINE), target
