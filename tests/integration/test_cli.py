"""The command line, as people and pipes use it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pgaudit_py import Audit, set_actor
from pgaudit_py.cli import main
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, Run, until_somebody_waits
from tests.terminal import at_a_terminal


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
    code, _, err = run("activity", dsn=bare_db)
    assert (code, "nothing is audited in this database yet\nhint: Run `pgaudit-py install" in err) == (
        1,
        True,
    )
    assert run("migrate", "--dry-run", dsn=bare_db)[1].startswith("schema pgaudit_py: would run 2 migrations")
    assert json.loads(run("-o", "json", "migrate", "--dry-run", dsn=bare_db)[1])["migrations"] == [
        "migrations/0001_initial.sql",
        "migrations/0002_options.sql",
    ]
    assert run("migrate", dsn=bare_db)[1].startswith("schema pgaudit_py: ran 2 migrations")
    assert run("migrate", dsn=bare_db) == (0, "schema pgaudit_py: up to date\n", "")


@pytest.mark.parametrize("arguments", [("check", "--all"), ("uninstall", "--all", "--yes"),
                                       ("uninstall", "--all", "--drop-log", "--yes"), ("activity", "--subject", "x")])  # fmt: skip
def test_all_of_nothing(bare_db: str, run: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = run(*arguments, dsn=bare_db)
    assert (code, "nothing is audited in this database yet\nhint: Run `pgaudit-py install" in err) == (
        1,
        True,
    )


def test_whatever_the_encoding_of_the_connection(posts: Conn, db: str, run: Run) -> None:
    posts.execute("UPDATE posts SET title = 'Tee \N{SNOWMAN}'")
    code, out, _ = run(
        "-o", "json", "activity", "--limit", "1", dsn=make_conninfo(db, client_encoding="latin1")
    )
    assert (code, json.loads(out)["changes"]["title"]["new"]) == (0, "Tee \N{SNOWMAN}")


def test_without_an_implementation_of_psycopg(db: str) -> None:
    command = [sys.executable, "-m", "pgaudit_py", "--dsn", db, "activity"]
    env = os.environ | {"PSYCOPG_IMPL": "c"}
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "pip install 'pgaudit-py[binary]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_install_and_uninstall(conn: Conn, run: Run) -> None:
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY); CREATE TABLE keyless (n int)")
    assert run("install", "--table", "posts", "--dry-run") == (0, "posts: would be installed\n", "")
    code, sql, _ = run("install", "--table", "posts", "--sql")
    assert code == 0
    assert 'CREATE OR REPLACE TRIGGER "00_pgaudit_py"' in sql
    assert conn.execute("SELECT count(*) FROM pgaudit_py.tracked_table").fetchone() == (0,)
    code, out, err = run("install", "--table", "posts", "--table", "keyless", "--table", "posts")
    assert (code, out) == (0, "posts: installed\nkeyless: installed\n")
    assert "keyless has no key" in err
    assert run("install", "--table", "posts")[1] == "posts: unchanged\n"
    assert run("check", "--all")[1].count("tell the same") == 2
    assert run("check", "posts", "public.posts")[1].count("tell the same") == 1
    run("uninstall", "--all", "--yes")
    run("install", "--table", "posts")
    code, out, _ = run("uninstall", "--all", "--drop-log", "--yes")
    assert (code, "would be removed, with everything" in out, out.endswith("posts: removed\n")) == (
        0,
        True,
        True,
    )
    assert "schema pgaudit_py: would run" in run("install", "--table", "posts", "--dry-run")[1]
    code, out, err = run("-o", "json", "install", "--table", "posts")
    assert (code, "schema pgaudit_py: ran" in err) == (0, True)
    assert json.loads(out) == {"subject_type": "posts", "outcome": "installed", "key": ["id"]}


def test_uninstall_shows_its_plan_first(posts: Conn, run: Run) -> None:
    plan = "posts: changes would no longer be recorded\n"
    assert run("uninstall", "--table", "public.posts", "--dry-run") == (0, plan, "")
    code, out, err = run("uninstall", "--table", "posts")
    assert (code, out, "nobody to ask" in err) == (2, plan, True)
    assert run("uninstall", "--all", "--drop-log", "--dry-run")[0] == 0
    assert Audit(posts).tracked() == ["posts"]
    assert (
        run("uninstall", "--table", "posts", "--table", "public.posts", "--yes")[1]
        == plan + "posts: removed\n"
    )
    assert run("uninstall", "--table", "posts", "--yes")[0] == 1
    assert run("uninstall", "--all") == (0, "", "")
    run("install", "--table", "posts")
    code, out, err = run("-o", "json", "uninstall", "--all", "--yes")
    assert (code, json.loads(out), err) == (0, {"subject_type": "posts", "outcome": "removed"}, plan)


def test_activity(posts: Conn, run: Run) -> None:
    code, out, _ = run("activity")
    assert code == 0
    assert "title  Tea → Mate" in out
    assert "203.0.113.7" in out
    assert "(postgres)" in out  # nobody was set: the role of the database is all that is known
    _, out, err = run("activity", "--limit", "1")
    assert "more: --before 2" in err
    lines = [json.loads(line) for line in run("-o", "json", "activity", "--since", "1h")[1].splitlines()]
    assert [line["action"] for line in lines] == ["updated", "created"]
    assert lines[0]["changes"] == {"title": {"old": "Tea", "new": "Mate"}}
    assert datetime.fromisoformat(lines[0]["created_at"]).tzinfo
    assert '"rating": 4.50' in run("activity", "--causer", "42", "-o", "json")[1]
    assert run("-o", "json", "activity", "--subject", "posts:1", "--metadata", '{"a": 1}') == (0, "", "")
    assert run("activity", "--action", "x") == (0, "", "nothing of that kind was recorded\n")


def test_filters(posts: Conn, run: Run) -> None:
    with posts.transaction():
        set_actor(posts, 7, type="robot", request_id="r-1", metadata={"route": "/x", "n": 1.5})
        posts.execute("INSERT INTO posts VALUES (2, 'Cola')")
    transaction = str(Audit(posts).activity().items[0].transaction_id)

    def ids(*filters: str) -> list[int]:
        return [json.loads(line)["id"] for line in run("activity", *filters, "-o", "json")[1].splitlines()]

    assert ids("--subject", "posts") == ids("--subject", "public.posts") == [3, 2, 1]
    assert ids("--subject", "posts:2") == ids("--causer", "7") == ids("--causer-type", "robot") == [3]
    assert ids("--transaction", transaction) == ids("--request", "r-1") == [3]
    assert ids("--metadata", '{"n": 1.5}') == [3]
    assert (
        ids("--action", "updated") == ids("--field", "title") == ids("--before", "3", "--limit", "1") == [2]
    )
    assert ids("--since", "1d", "--until", "0s") == [3, 2, 1]
    assert ids("--until", "1d") == []


def test_a_record(posts: Conn, run: Run) -> None:
    assert "title  Tea → Mate" in run("history", "posts", "1")[1]
    assert (
        json.loads(run("-o", "json", "history", "posts", "1")[1].splitlines()[1])["state"]["title"] == "Mate"
    )
    assert run("history", "public.posts", "1") == run("history", "posts", "1")
    assert "rebuilt" in run("versions", "posts", "1")[1]
    assert json.loads(run("versions", "posts", "1", "-o", "json")[1].splitlines()[0])["stored"] is True
    assert run("history", "posts", "9") == (0, "", "nothing was recorded of posts:9\n")
    assert "Tea" in run("show", "1")[1]
    assert json.loads(run("-o", "json", "show", "2")[1])["title"] == "Mate"
    assert "Mate" in run("as-of", "posts", "1", "--at", "0s")[1]
    posts.execute("DELETE FROM posts")
    assert run("as-of", "posts", "1", "--at", "0s")[1] == "there was no posts:1 then\n"
    assert run("as-of", "posts", "1", "--at", "0s", "-o", "json")[1] == "null\n"


def test_diff(posts: Conn, run: Run) -> None:
    posts.execute("UPDATE posts SET price = 2; INSERT INTO posts VALUES (2)")
    assert run("diff", "posts", "1", "--from", "1", "--to", "2")[1] == "title  Tea → Mate\n"
    assert run("diff", "posts", "1", "--from", "2")[1] == "price  1.50 → 2\n"
    assert run("diff", "posts", "1", "--from", "1")[1] == "price  1.50 → 2\ntitle  Tea → Mate\n"
    assert run("diff", "posts", "1", "--from", "1", "--to", "1")[1] == "nothing differs\n"
    assert json.loads(run("-o", "json", "diff", "posts", "1", "--from", "1", "--to", "2")[1]) == {
        "title": {"old": "Tea", "new": "Mate"}
    }
    code, _, err = run("diff", "posts", "1", "--from", "1", "--to", "4")
    assert (code, "4 is no version of posts:1" in err) == (1, True)
    code, _, err = run("diff", "posts", "9", "--from", "1")
    assert (code, "1 is no version of posts:9" in err) == (1, True)


def test_restore(posts: Conn, run: Run) -> None:
    code, out, _ = run("restore", "--version", "1", "--dry-run")
    assert (code, out) == (0, "posts:1 would be changed back:\n  title  Mate → Tea\n")
    assert json.loads(run("restore", "--version", "1", "--dry-run", "-o", "json")[1])["operation"] == "update"
    assert posts.execute("SELECT title FROM posts").fetchone() == ("Mate",)
    code, _, err = run("restore", "--version", "1")
    assert (code, "nobody to ask" in err) == (2, True)
    assert run("restore", "posts", "1", "--version", "1", "--yes", "--causer", "7")[1].endswith(
        "is restored\n"
    )
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
    assert run("restore", "--version", "2", "--dry-run")[1].startswith("posts:1 would be put back:\n")
    posts.execute("INSERT INTO posts VALUES (1, 'other')")
    for answer in ([], ["--yes"]):  # there is nothing to ask
        code, out, err = run("restore", "--version", "1", *answer)
        assert (code, "conflict: the key 1 is taken" in out, err.startswith("error: posts")) == (
            1,
            True,
            True,
        )


def test_restore_refuses_the_version_of_another_record(posts: Conn, run: Run) -> None:
    posts.execute("INSERT INTO posts VALUES (2, 'Cola')")
    code, out, err = run("restore", "posts", "2", "--version", "1", "--yes")
    assert (code, out, "1 is no version of posts:2" in err) == (1, "", True)
    assert posts.execute("SELECT title FROM posts ORDER BY id").fetchall() == [("Mate",), ("Cola",)]


def test_restoring_to_before_it_was_there(posts: Conn, run: Run) -> None:
    before = posts.execute("SELECT clock_timestamp()").fetchone()
    assert before
    posts.execute("INSERT INTO posts VALUES (2, 'Cola')")
    code, out, _ = run("restore", "posts", "2", "--at", before[0].isoformat(), "--yes")
    assert code == 0
    assert "would be deleted: it did not exist then" in out
    assert "Cola" in out
    assert posts.execute("SELECT count(*) FROM posts").fetchone() == (1,)


def test_a_composite_key(conn: Conn, audit: Audit, run: Run) -> None:
    conn.execute("CREATE TABLE links (n int, lang text, url text, PRIMARY KEY (n, lang))")
    audit.install("links")
    conn.execute("INSERT INTO links VALUES (7, 'd:e'), (7, 'fr'); DELETE FROM links WHERE lang = 'd:e'")
    assert run("activity", "--subject", 'links:["7","d:e"]')[1].count('links:["7", "d:e"]') == 2
    assert "deleted" in run("history", "links", '["7", "d:e"]')[1]
    assert 'links:["7", "d:e"] would be put back' in run("restore", "--version", "1", "--dry-run")[1]
    code, _, err = run("history", "links", "7")
    assert (code, "has 2 columns (n, lang)" in err) == (1, True)


NAMES = [
    'a"b',
    "{{ jinja }}",
    "100%",
    "new\nline",
    "emoji 🙂",
    "x" * 63,
    "a:b",
    "\x1b[31mred",
    "--all",
    "public.posts",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_any_name(conn: Conn, run: Run, name: str) -> None:
    quoted = sql.Identifier(name)
    conn.execute(sql.SQL("CREATE TABLE {} (id int PRIMARY KEY, {} text)").format(quoted, quoted))
    written = quoted.as_string()
    code, out, _ = run("install", f"--table={written}")
    assert (code, out.endswith(": installed\n"), "\x1b" in out) == (0, True, False)
    conn.execute(
        sql.SQL("INSERT INTO {} VALUES (1, 'old'); UPDATE {} SET {} = 'new'").format(quoted, quoted, quoted)
    )
    (subject_type,) = Audit(conn).tracked()
    for subject in (subject_type, f"{subject_type}:1"):
        code, out, err = run("activity", f"--subject={subject}", f"--field={name}")
        assert (code, err, "old → new" in out, "\x1b" in out) == (0, "", True, False)
    assert "old → new" in run("history", "--", written, "1")[1]
    assert "new → old" in run("restore", "--dry-run", "--version", "1", "--", written, "1")[1]
    assert "tell the same" in run("check", "--", written)[1]
    assert run("uninstall", f"--table={written}", "--yes")[0] == 0
    assert "old → new" in run("history", "--", subject_type, "1")[1]  # what was recorded is read on


def test_values_do_not_command_the_terminal(conn: Conn, audit: Audit, run: Run) -> None:
    conn.execute("CREATE TABLE posts (id text PRIMARY KEY, title text)")
    audit.install("posts")
    with conn.transaction():
        set_actor(conn, "\x1b[31meve", type="\x9b31m")
        conn.execute(
            "INSERT INTO posts VALUES (E'\x1b[2J', E'\x1b]0;owned\x07'); UPDATE posts SET title = E'a\u202eb\n'"
        )
    for arguments in (
        ["activity"], ["history", "posts", "\x1b[2J"], ["versions", "posts", "\x1b[2J"], ["show", "1"], ["check", "posts"],
        ["diff", "posts", "\x1b[2J", "--from", "1"], ["restore", "--version", "1", "--dry-run"], ["history", "\x1b[2J", "1"],
        ["history", "posts", "\x1b[3J"], ["-o", "json", "activity"],
    ):  # fmt: skip
        _, out, err = run(*arguments)
        assert all(one.isprintable() or one == "\n" for one in out + err), arguments
    assert (
        json.loads(run("-o", "json", "activity")[1].splitlines()[0])["changes"]["title"]["new"]
        == "a\u202eb\n"
    )


def test_log(posts: Conn, run: Run) -> None:
    assert run("log", "published", "--subject", "posts:1", "--metadata", '{"a": 1}', "--causer", "7") == (
        0,
        "3\n",
        "",
    )
    assert "published" in run("activity", "--action", "published")[1]
    assert run("log", "login", "--subject", "session:x", "-o", "json") == (0, '{"id": 4}\n', "")
    assert "login" in run("activity", "--subject", "session:x")[1]


def test_check_finds(posts: Conn, run: Run) -> None:
    posts.execute('ALTER TABLE posts DISABLE TRIGGER "00_pgaudit_py"')
    posts.execute("UPDATE posts SET title = 'forged'")
    code, out, _ = run("check", "posts")
    assert (code, "the table holds another value" in out, "title  Mate → forged" in out) == (3, True, True)
    code, out, _ = run("-o", "json", "check", "posts")
    assert (code, json.loads(out)["found_value"]) == (3, "forged")
    posts.execute("UPDATE posts SET title = 'Mate'")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["install", "--table", "nonsense"], 1, "there is no table 'nonsense'"),
        (["install", "--table", ""], 1, "there is no table ''"),
        (["install", "--table", "v"], 1, "public.v is a view"),
        (["install", "--table", "pg_class"], 1, "system table"),
        (["install", "--table", "pgaudit_py.activity_log"], 1, "part of the audit trail itself"),
        (["check", "nonsense"], 1, "there is no table"),
        (["check", "v"], 1, "no audit trail is installed on v"),
        (["uninstall", "--table", "v", "--yes"], 1, "no audit trail is installed on v"),
        (["show", "4711"], 1, "there is no version 4711"),
        (["show", "99999999999999999999"], 2, "is no id"),
        (["show", "x"], 2, "is no id"),
        (["history", "posts", "x"], 1, "no value of id"),
        (["history", "nonsense", "1"], 1, "Audited are: posts."),
        (["activity", "--subject", "nonsense"], 1, "nothing was recorded of a table 'nonsense'"),
        (["activity", "--subject", ""], 2, "A subject begins with a name"),
        (["activity", "--transaction", "99999999999999999999"], 2, "is no id"),
        (["activity", "--before", "-1"], 2, "is no id"),
        (["activity", "--limit", "0"], 2, "not in the range"),
        (["activity", "--since", "999999w"], 2, "is no time"),
        (["activity", "--since", "9999-12-31T23:59-14:00"], 2, "is no time"),
        (["activity", "--since", ""], 2, "is no time"),
        (["as-of", "posts", "1", "--at", "yesterday"], 2, "is no time"),
        (["as-of", "posts", "1", "--at", "5w"], 1, "the audit trail of posts begins at"),
        (["activity", "--metadata", "[1]"], 2, "no JSON object"),
        (["activity", "--metadata", "{"], 2, "no JSON object"),
        (["activity", "--metadata", '{"a": NaN}'], 2, "no JSON object"),
        (["log", "x", "--metadata", "{"], 2, "no JSON object"),
        (["log", "x", "--metadata", "[1]"], 2, "no JSON object"),
        (["log", "x", "--metadata", '{"a": 1e999}'], 2, "no JSON object"),
        (["log", ""], 2, "It is empty"),
        (["restore", "posts", "1"], 2, "--at TIME or --version ID"),
        (["restore", "posts", "--version", "1"], 2, "--at TIME or --version ID"),
        (["restore", "--at", "1h"], 2, "--at TIME or --version ID"),
        (["restore", "posts", "1", "--at", "1h", "--version", "1"], 2, "--at TIME or --version ID"),
        (["uninstall"], 2, "Name tables"),
        (["uninstall", "--table", "posts", "--drop-log"], 2, "goes with --all"),
        (["check"], 2, "Name tables"),
        (["nonsense"], 2, "No such command"),
    ],
)
def test_mistakes(posts: Conn, run: Run, arguments: list[str], code: int, message: str) -> None:
    posts.execute("CREATE VIEW v AS SELECT 1 AS a")
    found, out, err = run(*arguments)
    assert (found, out, message in err) == (code, "", True)
    assert "Traceback" not in err


def test_nothing_is_audited_yet(conn: Conn, run: Run) -> None:
    code, _, err = run("history", "posts", "1")
    assert (code, "Begin with `pgaudit-py install --table NAME`" in err) == (1, True)


def test_no_rights(posts: Conn, db: str, role: Callable[[], str], run: Run) -> None:
    stranger = make_conninfo(db, user=role())
    for arguments in (
        ["install", "--table", "posts"],
        ["history", "posts", "1"],
        ["uninstall", "--all", "--yes"],
    ):
        code, _, err = run(*arguments, dsn=stranger)
        assert (code, err.startswith("error: permission denied"), "hint: " in err) == (1, True, True)


def test_no_database(run: Run, db: str) -> None:
    code, _, err = run("activity", dsn="host=127.0.0.1 port=1 password=secret")
    assert (code, "Connection refused" in err, "secret" in err) == (1, True, False)
    code, _, err = run("activity", dsn=make_conninfo(db, dbname="nonsense"))
    assert (code, 'database "nonsense" does not exist\nhint: Create it' in err) == (1, True)


@pytest.mark.parametrize("way", ["PGAUDIT_PY_DSN", "DATABASE_URL", "PG*", "PGSERVICE", "service="])
def test_which_database(
    posts: Conn, db: str, run: Run, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = conninfo_to_dict(db)
    url = f"postgresql+psycopg://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"
    (tmp_path / "services").write_text(
        "[blog]\n" + "".join(f"{key}={value}\n" for key, value in parts.items())
    )
    ways: dict[str, dict[str, object]] = {
        "PGAUDIT_PY_DSN": {"PGAUDIT_PY_DSN": db, "DATABASE_URL": "host=nowhere"},
        "DATABASE_URL": {"DATABASE_URL": url},
        "PG*": {"PGHOST": parts["host"], "PGPORT": parts["port"], "PGUSER": parts["user"], "PGDATABASE": parts["dbname"]},
        "PGSERVICE": {"PGSERVICEFILE": tmp_path / "services", "PGSERVICE": "blog"},
        "service=": {"PGSERVICEFILE": tmp_path / "services"},
    }  # fmt: skip
    for name, value in ways[way].items():
        monkeypatch.setenv(name, str(value))
    assert run("show", "1", dsn="service=blog" if way == "service=" else None)[0] == 0


def test_an_error_of_the_databases_own(posts: Conn, run: Run) -> None:
    posts.execute("CREATE TABLE comments (post_id int PRIMARY KEY REFERENCES posts ON DELETE CASCADE)")
    Audit(posts).install("comments")
    posts.execute("INSERT INTO comments VALUES (1)")
    posts.execute("DELETE FROM posts")
    comment = Audit(posts).activity(subject="comments").items[0].id
    code, _, err = run("restore", "--version", str(comment), "--yes")
    assert (code, "violates foreign key" in err) == (1, True)


@pytest.mark.parametrize(
    "arguments", [["activity"], ["history", "posts", "1"], ["log", "login"], ["check", "posts"]]
)
def test_a_statement_that_is_cancelled(
    posts: Conn, db: str, run: Run, connect: Connect, arguments: list[str]
) -> None:
    """By the server's own limit: one line, and no traceback."""
    connect(db).execute("LOCK TABLE pgaudit_py.activity_log")
    code, out, err = run(*arguments, dsn=make_conninfo(db, options="-cstatement_timeout=50"))
    assert (code, out, err) == (
        1,
        "",
        "error: canceling statement due to statement timeout\nhint: Ask for less, or raise statement_timeout for this role.\n",
    )


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        ("pg_cancel_backend", "error: canceling statement due to user request\n"),
        (
            "pg_terminate_backend",
            "error: terminating connection due to administrator command\nhint: Run it again when the server answers; what was not reported as done was not done.\n",
        ),
    ],
)
def test_a_command_that_somebody_else_stops(
    posts: Conn, db: str, connect: Connect, stop: str, said: str
) -> None:
    connect(db).execute("LOCK TABLE pgaudit_py.activity_log")
    command = [sys.executable, "-m", "pgaudit_py", "--dsn", db, "activity"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until_somebody_waits(posts, "pgaudit_py.activity_log")
    stopping = f"SELECT {stop}(pid) FROM pg_locks WHERE NOT granted AND relation = 'pgaudit_py.activity_log'::regclass"
    posts.execute(stopping.encode())
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (1, "", said)


def test_our_own_mistakes_are_not_hidden(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Audit, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Audit, "migrate", broken)
    with pytest.raises(ZeroDivisionError):
        main(["--dsn", db, "migrate"])


def test_stopped(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: Audit, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Audit, "migrate", stopped)
    assert run("migrate")[0] == 130


def at_ours(answer: bytes, *arguments: str) -> tuple[int, str]:
    return at_a_terminal([sys.executable, "-m", "pgaudit_py", *arguments], answer)


@pytest.mark.parametrize(
    ("answer", "code", "last", "title"),
    [
        (b"y\n", 0, "posts:1 is restored", "Tea"),
        (b"n\n", 1, "nothing was done", "Mate"),
        (b"\n", 1, "nothing was done", "Mate"),
        (b"\x03", 130, "stopped; nothing more was done", "Mate"),
        (b"\x04", 130, "stopped; nothing more was done", "Mate"),
    ],
)
def test_the_question(posts: Conn, db: str, answer: bytes, code: int, last: str, title: str) -> None:
    found, shown = at_ours(answer, "--dsn", db, "restore", "posts", "1", "--version", "1")
    assert (found, shown.splitlines()[-1]) == (code, last)
    assert "Mate" in shown
    assert posts.execute("SELECT title FROM posts").fetchone() == (title,)


def test_colours(posts: Conn, db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[33mupdated\x1b[0m" in at_ours(b"", "--dsn", db, "activity")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "33m" not in at_ours(b"", "--dsn", db, "activity")[1]


def test_sql_at_ours(conn: Conn, db: str) -> None:
    conn.execute(sql.SQL("CREATE TABLE {} (id int PRIMARY KEY)").format(sql.Identifier("\x1b[31m")))
    code, shown = at_ours(b"", "--dsn", db, "install", "--table", '"\x1b[31m"', "--sql")
    assert (code, "\x1b" in shown, "CREATE OR REPLACE TRIGGER" in shown) == (0, False, True)


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_closed_pipe(posts: Conn, db: str, output: str) -> None:
    posts.execute("INSERT INTO posts SELECT i, repeat('x', 1000) FROM generate_series(2, 500) AS i")
    command = f"'{sys.executable}' -m pgaudit_py --dsn '{db}' -o {output} activity --limit 1000 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


@pytest.mark.parametrize(
    ("where", "said"), [("> /dev/full", "error: output: No space left on device\n"), (">&-", "")]
)
def test_nowhere_to_write(posts: Conn, db: str, where: str, said: str) -> None:
    command = f"'{sys.executable}' -m pgaudit_py --dsn '{db}' activity {where}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == said


def test_a_terminal_that_lacks_characters(posts: Conn, db: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pgaudit_py", "--dsn", db, "activity"],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert "Tea \\u2192 Mate" in done.stdout


def test_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pgaudit_py", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("pgaudit-py, version")


def test_help_lists_in_the_order_of_need(run: Run) -> None:
    code, out, _ = run("--help", dsn=None)
    names = re.findall(r"^  ([a-z-]+)  +[A-Z]", out.partition("Commands:")[2], re.MULTILINE)
    assert (code, names[0], names[-1], len(names)) == (0, "install", "demo", 20)
    for name in names:
        code, out, _ = run(name, "--help", dsn=None)
        assert (code, "--dsn" in out, "-o, --output" in out) == (0, True, True)


def test_help_loads_no_driver() -> None:
    code = "import sys; from pgaudit_py.cli import root; print([m for m in ('psycopg', 'rich', 'jinja2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_demo(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    stop = EmbeddedServer.stop

    def noted(self: EmbeddedServer) -> None:
        folders.append(self.folder)
        stop(self)

    monkeypatch.setattr(EmbeddedServer, "stop", noted)
    with pytest.raises(SystemExit) as done:
        main(["demo"])
    assert done.value.code == 0
    out = capsys.readouterr().out
    assert "title     How to brew GREEN tea → Buy my coffee" in out
    assert out.count("restored  ") == 3
    assert "posts:1 would be put back:" in out
    for table in ("users", "posts", "comments"):
        assert f"✓ {table}" in out
    assert not re.search(r"[ \t]$", out, re.MULTILINE)
    assert [folder.exists() for folder in folders] == [False]


def test_a_truncation_says_how_many(posts: Conn, audit: Audit, run: Run) -> None:
    posts.execute("TRUNCATE posts; INSERT INTO posts VALUES (1), (2)")
    audit.install("posts", truncate_rows=1)
    posts.execute("TRUNCATE posts")
    out = run("activity")[1]
    assert "- 1 row\n" in out
    assert "- more than 1 rows, not kept\n" in out
