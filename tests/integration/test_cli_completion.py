"""What a shell completes: commands, options, tables of the database that the line names; nothing where it does not answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from pgaudit_py import Audit
from pgaudit_py.cli.root import cli
from tests.conftest import Conn, Run

BIN = Path(sys.executable).parent


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("""
        CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE plain (id int); CREATE VIEW pictures AS SELECT 1;
        CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY); CREATE TABLE "Tab.le" (id int)""")
    audit.install("posts")
    audit.install("shop.orders")
    return conn


def offered(*line: str) -> list[str]:
    *before, incomplete = line
    complete = ShellComplete(cli, {}, "pgaudit-py", "_PGAUDIT_PY_COMPLETE")
    return [item.value for item in complete.get_completions(before, incomplete)]


def test_commands_and_options() -> None:
    assert offered("ver") == ["versions"]
    assert offered("history", "--no") == ["--no-pager"]
    assert offered("activity", "-o", "") == ["table", "json", "csv"]
    assert offered("activity", "--by", "r") == ["request"]
    assert offered("activity", "--action", "re") == ["restored"]


@pytest.mark.parametrize(
    "line",
    [["history"], ["versions"], ["as-of"], ["diff"], ["check"], ["check", "posts"], ["restore"], ["activity", "--subject"], ["log", "x", "--subject"],
     ["uninstall", "--table"]],
)  # fmt: skip
def test_audited_tables(posts: Conn, db: str, line: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered("--dsn", db, *line, "") == ["posts", "shop.orders"]
    assert offered(line[0], "--dsn", db, *line[1:], "sh") == ["shop.orders"]
    monkeypatch.setenv("DATABASE_URL", db)
    assert offered(*line, "po") == ["posts"]


def test_tables_to_audit(posts: Conn, db: str) -> None:
    assert offered("--dsn", db, "install", "--table", "") == ['"Tab.le"', "plain", "posts", "shop.orders"]


def test_before_the_schema_is_there(bare_db: str, connect: type[Conn]) -> None:
    conn = connect(bare_db, autocommit=True)  # type: ignore[call-arg,arg-type]
    conn.execute("CREATE TABLE posts (id int)")
    assert offered("--dsn", bare_db, "install", "--table", "") == ["posts"]


@pytest.mark.parametrize("dsn", ["host=127.0.0.1 port=1", "nonsense", "host=/nowhere", ""])
def test_no_database(dsn: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "/nowhere")
    assert offered("--dsn", dsn, "history", "") == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script(run: Run, shell: str) -> None:
    code, out, _ = run("completion", shell, dsn=None)
    assert (code, f"_PGAUDIT_PY_COMPLETE={shell}_complete" in out) == (0, True)


def test_another_shell(run: Run) -> None:
    code, _, err = run("completion", "tcsh", dsn=None)
    assert (code, "tcsh" in err) == (2, True)
    code, _, err = run("completion", dsn=None)
    assert (code, len(err.splitlines()), "\\t" in err) == (2, 2, False)


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash(posts: Conn, db: str) -> None:
    """As bash does when Tab is pressed behind `pgaudit-py history po`."""
    script = """
        eval "$(pgaudit-py completion bash)"
        COMP_WORDS=(pgaudit-py history po) COMP_CWORD=2
        _pgaudit_py_completion pgaudit-py po history
        echo "${COMPREPLY[@]}"
        complete -p pgaudit-py
    """
    environment = os.environ | {"DATABASE_URL": db, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env=environment)
    words, registered = done.stdout.splitlines()
    assert (words, done.stderr) == ("posts", "")
    assert "_pgaudit_py_completion pgaudit-py" in registered
