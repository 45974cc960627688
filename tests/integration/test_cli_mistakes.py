"""Whatever is typed, and whatever the server does: a line that says what is wrong, one that says what to do, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgaudit_py import Audit
from pgaudit_py.cli.root import cli
from pgaudit_py.embedded import FAST, EmbeddedServer
from tests.conftest import Conn, Run
from tests.terminal import at_a_terminal


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text)")
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'Tea'); UPDATE posts SET title = 'Mate'")
    return conn


NEEDED = {
    "as-of": ["posts", "1", "--at", "0s"], "check": ["posts"], "completion": ["bash"], "diff": ["posts", "1", "--from", "1"],
    "grant": ["--reader", "postgres", "--dry-run"], "revoke": ["--reader", "postgres", "--dry-run"], "snapshot": ["posts", "1"],
    "history": ["posts", "1"], "install": ["--table", "posts", "--dry-run"], "log": ["x"], "restore": ["--version", "1", "--dry-run"],
    "show": ["1"], "uninstall": ["--table", "posts", "--dry-run"], "versions": ["posts", "1"],
}  # fmt: skip
"""What a command wants at least; those that are not named want nothing."""

HOSTILE = {
    "empty": "",
    "control": "\x1b]0;owned\x07\x1b[31m",
    "NUL": "a\0b",
    "surrogate": "a\ud800b",
    "long": "x" * 10_000_000,
    "digits": "9" * 5_000,
    "nested": "[" * 100_000,
    "dashes": "--yes",
    "newlines": "a\nb\r\nc",
    "direction": "a\u202eb",
}


def with_a_value() -> list[tuple[str, str]]:
    """Every option of every command that takes a value; the general ones once."""
    general = {option.name for option in cli.params}
    found = [
        (name, option.opts[-1])
        for name, command in cli.commands.items()
        for option in command.params
        if isinstance(option, click.Option)
        and not option.is_flag
        and (option.name not in general or name == "show")
    ]
    return [one for one in found if one[1] != "--pager"]


MAY_BE_EMPTY = {"--exclude", "--redact", "--key"}
"""Lists of which an empty text is the empty one."""


def said_well(code: int, err: str) -> bool:
    lines = err.splitlines()
    return (
        code in {1, 2}
        and 1 <= len(lines) <= 3
        and any(line.startswith("error: ") for line in lines)
        and all(line.isprintable() and len(line) < 1000 for line in lines)
    )


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize(("name", "option"), with_a_value())
def test_hostile_values_of_options(posts: Conn, run: Run, name: str, option: str, kind: str) -> None:
    """They are refused, or do no harm where any text is allowed."""
    needed = [one for one in NEEDED.get(name, []) if one]
    if option in needed:
        needed[needed.index(option) + 1] = HOSTILE[kind]
        arguments = needed
    else:
        arguments = [*needed, f"{option}={HOSTILE[kind]}"]
    code, out, err = run(name, *arguments)
    assert "\x1b" not in out + err
    assert code == 0 or said_well(code, err), (code, err[:500])
    if kind == "empty" and option not in MAY_BE_EMPTY:
        assert code in {1, 2}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", sorted(NEEDED))
def test_hostile_arguments(posts: Conn, run: Run, name: str, kind: str) -> None:
    for place, word in enumerate(NEEDED[name]):
        if not word.startswith("-") and not NEEDED[name][place - 1].startswith("--"):
            arguments = list(NEEDED[name])
            arguments[place] = HOSTILE[kind]
            code, out, err = run(name, *(["--", *arguments] if len(arguments) <= 2 else arguments))
            assert "\x1b" not in out + err
            assert code == 0 or said_well(code, err), (code, err[:500])


def taken_once() -> list[tuple[str, str]]:
    options = {(name, one.opts[-1]): one for name, command in cli.commands.items() for one in command.params}
    return [one for one in with_a_value() if not options[one].multiple]


@pytest.mark.parametrize(("name", "option"), taken_once())
def test_an_option_given_twice(posts: Conn, run: Run, name: str, option: str) -> None:
    value = {
        "--at": "0s",
        "--metadata": "{}",
        "--subject": "posts",
        "--by": "request",
        "--snapshots": "all",
        "--context": "allow",
    }.get(option, "1")
    value = {"--output": "json", "--color": "never", "--dsn": "x"}.get(option, value)
    needed = [one for one in NEEDED.get(name, []) if one]
    code, out, err = run(name, *needed, option, value, option, value)
    assert (code, out, f"error: {option} is given twice." in err) == (2, "", True)


def test_hostile_commands_and_options(run: Run) -> None:
    for arguments in (["\x1b[31m"], ["activity", "--\x1b[31m"], ["activity", "x" * 100_000], ["\ud800"]):
        code, out, err = run(*arguments, dsn=None)
        assert (code, out, said_well(code, err)) == (2, "", True)
        assert "hint: See `pgaudit-py" in err


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_nonsense_is_wrong_use(run: Run, name: str) -> None:
    code, out, err = run(name, "--nonsense")
    assert (code, out, "--nonsense" in err, f"hint: See `pgaudit-py {name} --help`." in err) == (
        2,
        "",
        True,
        True,
    )


@pytest.mark.parametrize("name", sorted(set(cli.commands) - {"completion", "demo"}))
def test_no_database_is_an_error(run: Run, name: str) -> None:
    code, out, err = run(name, *NEEDED.get(name, []), dsn="host=/nowhere")
    assert (code, out, said_well(code, err), "hint: " in err) == (1, "", True, True)


def test_no_arguments_is_help() -> None:
    done = subprocess.run([sys.executable, "-m", "pgaudit_py"], capture_output=True, text=True, check=False)
    assert "Usage: pgaudit-py" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_done(posts: Conn, run: Run) -> None:
    for name in sorted(set(cli.commands) - {"demo"}):
        assert run(name, *NEEDED.get(name, []))[0] == 0, name


def test_a_statement_that_is_cancelled(posts: Conn, run: Run, db: str) -> None:
    slow = make_conninfo(db, options="-c statement_timeout=1")
    posts.execute("INSERT INTO posts SELECT i FROM generate_series(2, 20000) AS i")
    code, out, err = run("check", "posts", dsn=slow)
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "error: canceling statement due to statement timeout",
        "hint: Ask for less, or raise statement_timeout for this role.",
    ]


def test_a_server_that_restarts(tmp_path: Path) -> None:
    """While the command waits for a lock, so that it is surely at work."""
    with EmbeddedServer(settings=FAST) as server:
        conn = psycopg.connect(server.dsn(), autocommit=True)
        Audit(conn).migrate()
        conn.execute("CREATE TABLE posts (id int PRIMARY KEY)")
        Audit(conn).install("posts")
        conn.execute("BEGIN; LOCK TABLE posts")
        command = [sys.executable, "-m", "pgaudit_py", "--dsn", server.dsn(), "check", "posts"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'posts'::regclass"
            while not conn.execute(waiting).fetchall():
                assert process.poll() is None
            server.stop()
            out, err = process.communicate(timeout=30)
        conn.close()
    assert (process.returncode, out, said_well(1, err)) == (1, "", True)
    assert err.splitlines()[-1].startswith("hint: Run it again when the server answers")


def test_a_connection_that_breaks(posts: Conn, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but psycopg tells of it then: in two lines, of which the second one guesses."""

    def broken(self: Audit, **_: object) -> None:
        raise psycopg.OperationalError("server closed the connection unexpectedly\n\tThis probably means …")

    monkeypatch.setattr(Audit, "activity", broken)
    code, _, err = run("activity")
    assert (code, err.splitlines()[0]) == (1, "error: server closed the connection unexpectedly")


QUESTIONS = {
    "restore": ["posts", "1", "--version", "1"],
    "uninstall": ["--table", "posts"],
    "revoke": ["--reader", "pg_monitor"],
    "sync": [],
}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize(("answer", "code", "last"), [
    (b"\x03", 130, "stopped; nothing more was done"), (b"\x04", 130, "stopped; nothing more was done"), (b"n\n", 1, "nothing was done"),
])  # fmt: skip
def test_each_question(posts: Conn, db: str, name: str, answer: bytes, code: int, last: str) -> None:
    posts.execute("SELECT pgaudit_py.grant_to('pg_monitor', 'reader'); ALTER TABLE posts ADD added int")
    before = posts.execute("SELECT count(*) FROM pgaudit_py.activity_log").fetchone()
    found, shown = at_a_terminal(
        [sys.executable, "-m", "pgaudit_py", "--dsn", db, name, *QUESTIONS[name]], answer
    )
    assert (found, shown.splitlines()[-1]) == (code, last)
    assert posts.execute("SELECT title FROM posts").fetchone() == ("Mate",)
    assert posts.execute("SELECT count(*) FROM pgaudit_py.activity_log").fetchone() == before
    assert Audit(posts).tracked() == ["posts"]
    assert [one.state for one in Audit(posts).status()] == ["drifted"]
    assert Audit(posts).roles() == [("pg_monitor", "reader")]


def test_every_command_that_asks_takes_yes() -> None:
    folder = Path(str(sys.modules["pgaudit_py.cli"].__file__)).parent
    asking = [
        path
        for path in folder.glob("*.py")
        if "agree(" in path.read_text(encoding="utf-8") and path.stem != "common"
    ]
    assert {path.stem for path in asking} == {"keeping", "roles", "tables", "writing"}
    for name in QUESTIONS:
        assert "--yes" in {option for param in cli.commands[name].params for option in param.opts}
