"""What the README says can be done, is done here, and what it shows is what is shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn
from tests.terminal import at_a_terminal

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_every_block_is_run_here() -> None:
    assert sorted(re.findall(r"```(\w+)\n", README)) == ["python", "sh", "sh", "sql", "text"]


@pytest.fixture
def posts(conn: Conn) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text); INSERT INTO posts VALUES (1, 'Old')")
    return conn


def test_the_python(
    bare_db: str, connect: Callable[..., Conn], role: Callable[[], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """By a role that owns the table and may create a schema, and is no superuser."""
    name = role()
    admin = connect(bare_db, autocommit=True)
    database, owner = sql.Identifier(admin.info.dbname), sql.Identifier(name)
    admin.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(database, owner))
    admin.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    admin.execute(sql.SQL("ALTER TABLE posts OWNER TO {}").format(owner))
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), {"dsn": make_conninfo(bare_db, user=name)})
    assert capsys.readouterr().out == "42 203.0.113.7 Tea -> Coffee\n"
    assert admin.execute("SELECT title FROM posts WHERE id = 7").fetchone() == ("Tea",)
    admin.execute(sql.SQL("DROP OWNED BY {}").format(owner))


def test_the_sql(posts: Conn, audit: Audit, db: str, server: EmbeddedServer) -> None:
    """In psql, as a DBA would."""
    audit.install("posts")
    with posts.transaction():
        set_actor(posts, 42)
        posts.execute("UPDATE posts SET title = 'New'")
    (code,) = blocks("sql")
    done = subprocess.run(
        [server.tool("psql"), db, "-X", "-v", "ON_ERROR_STOP=1", "-At"],
        input=code, capture_output=True, text=True, check=True, env={**os.environ, "PGCLIENTENCODING": "UTF8"},
    )  # fmt: skip
    log, activity, history, record = done.stdout.splitlines()  # verify_table finds nothing
    assert log == activity
    assert '"new": "New"' in log
    assert '"title": "New"' in history
    assert record == '{"id": 1, "title": "New"}'


def test_the_commands(posts: Conn, db: str, tmp_path: Path) -> None:
    """One after another at a terminal, in an environment of their own; questions are answered by yes."""
    parts = conninfo_to_dict(db)
    ours = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
    venv.create(tmp_path, with_pip=True)
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "TERM": "dumb"}
    (script,) = (block for block in blocks("sh") if "pgaudit-py" in block)
    shown = {}
    for line in script.splitlines():
        command = line.partition("#")[0].strip()
        if command.startswith("pip install"):
            subprocess.run(
                command, shell=True, check=True, cwd=ROOT, capture_output=True, env=os.environ | environment
            )
        elif command.startswith("export DATABASE_URL="):
            environment["DATABASE_URL"] = ours
        elif command:
            code, shown[command] = at_a_terminal(["bash", "-c", command], b"y\n", environment)
            assert code == 0, shown
            if command.startswith("pgaudit-py install"):
                _let_time_pass(posts)
    assert len(shown) == 9
    said = list(shown.values())
    assert said[0] == "posts: installed\r\n"
    assert "posts    public.posts  installed" in said[1]
    assert "New → Newer" in said[2]
    assert "Old → New" in said[3]
    assert said[4] == "title  New → Newer\r\n"
    assert "Old" in said[5]
    assert "posts:1 is restored" in said[6]
    assert "the log and the table tell the same" in said[7]
    assert "posts: removed" in said[8]


def _let_time_pass(posts: Conn) -> None:
    """Make it three days since the installation, and have user 42 change the post today."""
    posts.execute("UPDATE pgaudit_py.table_shape SET created_at = created_at - interval '3 days'")
    posts.execute("UPDATE pgaudit_py.tracked_table SET installed_at = installed_at - interval '3 days'")
    with posts.transaction():
        set_actor(posts, 42)
        posts.execute("UPDATE posts SET title = 'New'; UPDATE posts SET title = 'Newer'")


@pytest.fixture(scope="module")
def demo() -> str:
    """What `make demo` prints, with the programs that these tests run on."""
    before = set(Path("/tmp").glob("pgaudit-py-*"))
    done = subprocess.run(
        ["make", "-o", "venv", "demo", f"BIN={BIN}"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )  # fmt: skip
    assert done.stderr == ""
    assert set(Path("/tmp").glob("pgaudit-py-*")) <= before
    return done.stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_what_it_shows_is_what_the_demo_shows(demo: str) -> None:
    def bare(text: str) -> list[str]:
        return [
            re.sub(r"\d{4}-\d\d-\d\d[ T][\d:.]+(\+\d\d:\d\d)?", "TIME", line).strip()
            for line in text.splitlines()
        ]

    (shown,) = blocks("text")
    printed = iter(bare(demo[demo.index("$ pgaudit-py history") :]))
    for line in bare(shown):
        beginning = line.removesuffix("…")  # cut to the width of the page
        assert any(found.startswith(beginning) for found in printed), line


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_the_make_targets() -> None:
    (script,) = (block for block in blocks("sh") if "make" in block)
    targets = re.findall(r"^make (\w+)", script, re.MULTILINE)
    assert targets == ["demo", "test"]  # the first one is run above; the second one is running
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout


def test_the_links() -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def test_the_commands_that_the_demo_names(demo: str) -> None:
    """Every command that the demo names exists with these options."""
    from pgaudit_py.cli.root import cli

    commands = re.findall(r"^\s*(?:\$ |\S*/)pgaudit-py (\S+)(.*)$", demo, re.MULTILINE)
    assert len(commands) >= 8
    for name, rest in commands:
        arguments = rest.split("  ")[0].split()
        cli.commands[name].make_context(name, arguments)  # parses, runs nothing
