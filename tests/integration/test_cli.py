"""The command line, as people and pipes use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.cli import main
from tests.conftest import Conn

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(db: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; gives exit code, output, errors."""

    def call(*arguments: str, dsn: str | None = db) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(["--dsn", dsn, *arguments] if dsn else arguments)
        said = capsys.readouterr()
        code = done.value.code
        return (code if isinstance(code, int) else -1), said.out, said.err

    return call


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, price numeric, doc jsonb)")
    audit.install("posts")
    with conn.transaction():
        set_actor(conn, 42, ip="203.0.113.7")
        conn.execute("INSERT INTO posts VALUES (1, 'Tea', 1.50, '{\"rating\": 4.50}')")
    conn.execute("UPDATE posts SET title = 'Mate'")
    return conn


def test_from_nothing(bare_db: str, run: Run) -> None:
    assert run("activity", dsn=bare_db)[0] == 1
    assert run("migrate", dsn=bare_db)[1].startswith("ran 1 migrations")
    assert run("migrate", dsn=bare_db) == (0, "up to date\n", "")


def test_install_and_uninstall(conn: Conn, run: Run, bare_db: str) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE keyless (n int)")
    assert run("install", "--table", "posts", "--dry-run") == (0, "posts: would be installed\n", "")
    code, sql, _ = run("install", "--table", "posts", "--sql")
    assert code == 0
    assert 'CREATE OR REPLACE TRIGGER "00_pgaudit_py"' in sql
    assert conn.execute("SELECT count(*) FROM pgaudit_py.tracked_table").fetchone() == (0,)
    code, out, err = run("install", "--table", "posts", "--table", "keyless")
    assert (code, out) == (0, "posts: installed\nkeyless: installed\n")
    assert "keyless has no primary key" in err
    assert run("install", "--table", "posts")[1] == "posts: unchanged\n"
    assert run("check", "--all")[1].count("tell the same") == 2
    assert run("uninstall", "--table", "posts", "--yes") == (0, "posts: removed\n", "")
    assert run("uninstall", "--all", "--yes")[1] == "keyless: removed\n"
    run("install", "--table", "posts")
    assert run("uninstall", "--all", "--drop-log", "--yes")[1] == "posts: removed\n"
    assert "schema pgaudit_py is up to date now" in run("install", "--table", "posts")[1]


def test_activity(posts: Conn, run: Run) -> None:
    code, out, _ = run("activity")
    assert code == 0
    assert "title: Tea → Mate" in out
    assert "203.0.113.7" in out
    _, out, err = run("activity", "--limit", "1")
    assert "more: --before 2" in err
    lines = [json.loads(line) for line in run("-o", "json", "activity", "--since", "1h")[1].splitlines()]
    assert [line["action"] for line in lines] == ["updated", "created"]
    assert lines[0]["changes"] == {"title": {"old": "Tea", "new": "Mate"}}
    assert '"rating": 4.50' in run("-o", "json", "activity", "--causer", "42")[1]
    assert run("-o", "json", "activity", "--subject", "posts:1", "--metadata", '{"a": 1}') == (0, "", "")


def test_a_record(posts: Conn, run: Run) -> None:
    assert "title: Tea → Mate" in run("history", "posts", "1")[1]
    assert (
        json.loads(run("-o", "json", "history", "posts", "1")[1].splitlines()[1])["state"]["title"] == "Mate"
    )
    assert "rebuilt" in run("versions", "posts", "1")[1]
    assert json.loads(run("-o", "json", "versions", "posts", "1")[1].splitlines()[0])["stored"] is True
    assert "Tea" in run("show", "1")[1]
    assert json.loads(run("-o", "json", "show", "2")[1])["title"] == "Mate"
    assert "title: Tea → Mate" in run("diff", "1", "2")[1]
    assert run("diff", "1", "1")[1] == "nothing differs\n"
    assert json.loads(run("-o", "json", "diff", "1", "2")[1])["title"]["new"] == "Mate"
    assert "Mate" in run("as-of", "posts", "1", "--at", "0s")[1]
    posts.execute("DELETE FROM posts")
    assert run("as-of", "posts", "1", "--at", "0s")[1] == "there was no such record then\n"


def test_restore(posts: Conn, run: Run) -> None:
    code, out, _ = run("restore", "--version", "1", "--dry-run")
    assert (code, "title: Mate → Tea" in out) == (0, True)
    assert posts.execute("SELECT title FROM posts").fetchone() == ("Mate",)
    code, _, err = run("restore", "--version", "1")
    assert (code, "nobody to ask" in err) == (2, True)
    assert run("restore", "--version", "1", "--yes", "--causer", "7")[1].endswith("restored\n")
    assert posts.execute("SELECT title FROM posts").fetchone() == ("Tea",)
    assert Audit(posts).activity().items[0].causer == "7"
    assert "already as wanted" in run("restore", "posts", "1", "--at", "0s", "--yes")[1]
    posts.execute(
        """CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN NEW.title := NEW.title || '!'; RETURN NEW; END$$;
           CREATE TRIGGER shout BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION shout()"""
    )
    assert "wrote otherwise: title" in run("restore", "--version", "2", "--yes")[2]
    posts.execute("DELETE FROM posts")
    posts.execute("INSERT INTO posts VALUES (1, 'other')")
    code, out, err = run("restore", "--version", "1", "--yes")
    assert (code, "conflict: the key 1 is taken" in out, err.startswith("error: posts")) == (1, True, True)


def test_log(posts: Conn, run: Run) -> None:
    assert run("log", "published", "--subject", "posts:1", "--metadata", '{"a": 1}', "--causer", "7") == (
        0,
        "3\n",
        "",
    )
    assert "published" in run("activity", "--action", "published")[1]


def test_check_finds(posts: Conn, run: Run) -> None:
    posts.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    posts.execute("UPDATE posts SET title = 'forged'")
    code, out, _ = run("check", "posts")
    assert (code, "the table holds another value" in out) == (3, True)
    code, out, _ = run("-o", "json", "check", "posts")
    assert (code, json.loads(out)["found_value"]) == (3, "forged")
    posts.execute("UPDATE posts SET title = 'Mate'")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["install", "--table", "nonsense"], 1, "there is no table 'nonsense'"),
        (["check", "nonsense"], 1, "there is no table"),
        (["show", "4711"], 1, "there is no version 4711"),
        (["history", "posts", "x"], 1, "no value of id"),
        (["as-of", "posts", "1", "--at", "yesterday"], 2, "is no time"),
        (["activity", "--metadata", "[1]"], 2, "JSON object"),
        (["activity", "--metadata", "{"], 2, "JSON object"),
        (["log", "x", "--metadata", "{"], 2, "JSON object"),
        (["log", "x", "--metadata", "[1]"], 1, "metadata is no object"),
        (["restore", "posts", "1"], 2, "Give --version"),
        (["uninstall"], 2, "Name tables"),
        (["uninstall", "--table", "posts", "--drop-log"], 2, "goes with --all"),
        (["check"], 2, "Name tables"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_mistakes(posts: Conn, run: Run, arguments: list[str], code: int, message: str) -> None:
    found, _, err = run(*arguments)
    assert (found, message in err) == (code, True)
    assert "Traceback" not in err


def test_no_database(run: Run) -> None:
    code, _, err = run("activity", dsn="host=127.0.0.1 port=1 password=secret")
    assert (code, "cannot connect" in err, "secret" in err) == (1, True, False)


def test_an_error_of_the_databases_own(posts: Conn, run: Run) -> None:
    posts.execute("CREATE TABLE comments (post_id int PRIMARY KEY REFERENCES posts ON DELETE CASCADE)")
    Audit(posts).install("comments")
    posts.execute("INSERT INTO comments VALUES (1)")
    posts.execute("DELETE FROM posts")
    comment = Audit(posts).activity(subject="comments").items[0].id
    code, _, err = run("restore", "--version", str(comment), "--yes")
    assert (code, "violates foreign key" in err) == (1, True)


def test_our_own_mistakes_are_not_hidden(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Audit) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Audit, "migrate", broken)
    with pytest.raises(ZeroDivisionError):
        main(["--dsn", db, "migrate"])


def test_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Audit) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Audit, "migrate", stopped)
    assert run("migrate")[0] == 130


def test_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pgaudit_py", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("pgaudit-py, version")


def test_help_loads_no_driver() -> None:
    code = "import sys; from pgaudit_py.cli import root; print([m for m in ('psycopg', 'rich', 'jinja2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    before = set(Path("/tmp").glob("pgaudit-py-*"))
    with pytest.raises(SystemExit) as done:
        main(["demo"])
    assert done.value.code == 0
    out = capsys.readouterr().out
    assert "title: How to brew GREEN tea → Buy my coffee" in out
    assert out.count("restored  ") == 3
    for table in ("users", "posts", "comments"):
        assert f"{table}: yes" in out
    assert set(Path("/tmp").glob("pgaudit-py-*")) <= before
