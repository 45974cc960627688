"""pg_dump and pg_restore in every form: what is recorded of the load, what the triggers are afterwards, and what puts it right."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, contradictions

pytestmark = pytest.mark.every_major

Tool: TypeAlias = Callable[..., list[str]]

TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname::text, tgenabled FROM pg_trigger
    WHERE tgname IN ('00_pgaudit_py', '00_pgaudit_py_truncate', 'append_only') ORDER BY 1, 2"""
# Says pg_restore --clean of every partitioned table whose partitions are dumped with it; what it could not drop goes with the table.
OUTDATED = "its functions were rendered for another table: it came from a dump, or was made anew"
INHERITED = "cannot drop inherited constraint"


@pytest.fixture
def tool(server: EmbeddedServer, admin: Conn) -> Tool:
    """Run one of PostgreSQL's programs; gives the errors that it went on after, with leave to be there."""

    def call(name: str, *arguments: str | Path, allow: str = "^$", given: bytes = b"") -> list[str]:
        command = [str(server.tool(name)), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, input=given, check=False, cwd="/")
        said = re.findall(r"ERROR: +(.*)", done.stderr.decode())
        # The programs of 18 set what a server before 17 does not know; its own do not.
        if admin.info.server_version < 170000:
            said = [one for one in said if "transaction_timeout" not in one]
        assert [one for one in said if not re.search(allow, one)] == []
        assert said or done.returncode == 0 or "transaction_timeout" in done.stderr.decode(), done.stderr
        return said

    return call


@pytest.fixture
def blog(conn: Conn, audit: Audit) -> Conn:
    """Rows with some history; comments come before the posts that they refer to, as pg_dump sorts them."""
    conn.execute(
        """CREATE TABLE posts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text, tags text[]);
           CREATE TABLE comments (id int PRIMARY KEY, post int REFERENCES posts DEFERRABLE, body text)"""
    )
    audit.install("posts")
    audit.install("comments")
    with conn.transaction():
        set_actor(conn, "alice", ip="203.0.113.7")
        conn.execute("INSERT INTO posts (title, tags) VALUES ('Tea', '{a}'), ('Milk', NULL), ('Gone', '{}')")
        conn.execute("INSERT INTO comments VALUES (1, 1, 'first'), (2, 2, 'second')")
        conn.execute("UPDATE posts SET title = 'Coffee' WHERE id = 1; DELETE FROM posts WHERE id = 3")
    return conn


def contents(conn: Conn) -> list[Any]:
    """All rows of the tables, and all that was recorded."""
    return [
        conn.execute(f"SELECT * FROM {name} ORDER BY id".encode()).fetchall()
        for name in ("posts", "comments", "pgaudit_py.activity_log")
    ]


def recorded(conn: Conn) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.operation, one.subject_type, one.subject_id) for one in Audit(conn).iter_activity()][::-1]


def states(conn: Conn) -> set[str]:
    """How the triggers fire, ours on the tables and those that keep the log as it is."""
    return {enabled for *_, enabled in conn.execute(TRIGGERS).fetchall()}


def wrong(conn: Conn) -> list[str]:
    return [finding.detail for finding in Audit(conn).doctor() if finding.is_wrong]


def goes_on(conn: Conn, expected: list[Any]) -> None:
    """A copy is as its source was, and after a sync nothing is wrong with it; its history goes on."""
    assert contents(conn) == expected
    assert states(conn) == {"A"}
    audit = Audit(conn)
    found = {(one.state, finding.detail) for one in audit.status() for finding in one.findings}
    assert found <= {("outdated", OUTDATED)}  # nothing of what was synced already
    conn.execute("UPDATE posts SET title = 'before the sync' WHERE id = 1")
    for name in ("posts", "comments"):
        audit.sync(name)
    conn.execute("UPDATE posts SET title = 'after' WHERE id = 1; INSERT INTO posts (title) VALUES ('New')")
    assert wrong(conn) == []
    assert {one.state for one in audit.status()} == {"installed"}
    titles = [entry.state["title"] for entry in audit.history("posts", 1) if entry.state]
    assert titles == ["Tea", "Coffee", "before the sync", "after"]
    newest = audit.activity(limit=1).items[0]
    assert newest.id == len(expected[2]) + 3
    assert newest.subject_id == "4"
    assert contradictions(conn) == []


FULL: dict[str, tuple[list[str], list[list[str]]]] = {
    "custom": (["-Fc"], [[]]),
    "custom, two jobs": (["-Fc"], [["-j", "2"]]),
    "directory, two jobs": (["-Fd", "-j", "2"], [["-j", "2"]]),
    "tar": (["-Ft"], [[]]),
    "sections": (["-Fc"], [["--section=pre-data"], ["--section=data"], ["--section=post-data"]]),
}


@pytest.mark.parametrize("form", FULL)
def test_a_full_archive(
    blog: Conn, db: str, other_db: str, connect: Connect, tool: Tool, tmp_path: Path, form: str
) -> None:
    """Triggers come after the data: the load is not recorded, and afterwards they fire in every session."""
    expected = contents(blog)
    dumping, loading = FULL[form]
    tool("pg_dump", *dumping, "-f", tmp_path / "dump", "-d", db)
    for options in loading:
        tool("pg_restore", *options, "-d", other_db, tmp_path / "dump")
    loaded = connect(other_db, autocommit=True)
    assert {finding.detail for one in Audit(loaded).status() for finding in one.findings} == {OUTDATED}
    goes_on(loaded, expected)


def test_a_full_script(
    blog: Conn, db: str, other_db: str, connect: Connect, tool: Tool, tmp_path: Path
) -> None:
    expected = contents(blog)
    tool("pg_dump", "-Fp", "-f", tmp_path / "dump", "-d", db)
    tool("psql", "-X", "-q", "-d", other_db, "-f", tmp_path / "dump")
    goes_on(connect(other_db, autocommit=True), expected)


def test_it_may_be_run_over_what_is_there(blog: Conn, db: str, tool: Tool, tmp_path: Path) -> None:
    """--clean drops what is there, the log included: what was recorded since the dump is gone, as everything of that time."""
    expected = contents(blog)
    tool("pg_dump", "-Fc", "-f", tmp_path / "dump", "-d", db)
    blog.execute("UPDATE posts SET title = 'later'; DELETE FROM comments")
    tool("pg_restore", "--clean", "--if-exists", "-d", db, tmp_path / "dump", allow=INHERITED)
    goes_on(blog, expected)


def test_a_database_made_anew(
    blog: Conn, db: str, server: EmbeddedServer, connect: Connect, tool: Tool, tmp_path: Path
) -> None:
    """--clean --create drops the whole database: nothing to complain of."""
    expected = contents(blog)
    tool("pg_dump", "-Fc", "-f", tmp_path / "dump", "-d", db)
    blog.close()
    tool("pg_restore", "--clean", "--create", "-d", server.dsn(), tmp_path / "dump")
    goes_on(connect(db, autocommit=True), expected)


# --- data into tables that are there ------------------------------------------------------------------------------


def load_data(
    tool: Tool, form: str, db: str, other_db: str, at: Path, *options: str, allow: str = "^$"
) -> None:
    """The schema first, then the data, into tables that are audited by then."""
    if form == "plain":
        tool("pg_dump", "--schema-only", "-f", at / "schema", "-d", db)
        tool("pg_dump", "--data-only", *options, "-f", at / "data", "-d", db)
        tool("psql", "-X", "-q", "-d", other_db, "-f", at / "schema")
        tool("psql", "-X", "-q", "-d", other_db, "-f", at / "data", allow=allow)
    else:
        tool("pg_dump", "-Fc", "-f", at / "dump", "-d", db)
        tool("pg_restore", "--schema-only", "-d", other_db, at / "dump")
        tool("pg_restore", "--data-only", *options, "-d", other_db, at / "dump", allow=allow)


@pytest.mark.parametrize("form", ["plain", "custom"])
def test_data_alone_are_recorded_beside_the_log_that_comes_with_them(
    blog: Conn, db: str, other_db: str, connect: Connect, tool: Tool, tmp_path: Path, form: str
) -> None:
    """Rows are created twice, by the log that was dumped and by the load, with ids that repeat: `check` says so."""
    blog.execute("ALTER TABLE comments DROP CONSTRAINT comments_post_fkey")
    before = recorded(blog)
    load_data(tool, form, db, other_db, tmp_path, allow="table_shape_tracked_table_id_fkey")
    loaded = connect(other_db, autocommit=True)
    again: list[tuple[str | None, str | None, str | None]]
    again = [("I", "comments", "1"), ("I", "comments", "2"), ("I", "posts", "1"), ("I", "posts", "2")]
    assert sorted(map(str, recorded(loaded))) == sorted(map(str, before + again))
    assert "two records bear one key" in {one.problem for one in Audit(loaded).verify_table("posts")}


@pytest.mark.parametrize("form", ["plain", "custom"])
def test_data_alone_with_triggers_disabled(
    blog: Conn, db: str, other_db: str, connect: Connect, tool: Tool, tmp_path: Path, form: str
) -> None:
    """Nothing is recorded; but the triggers fire no more where session_replication_role is replica: status and doctor say so."""
    expected = contents(blog)
    load_data(tool, form, db, other_db, tmp_path, "--disable-triggers")
    loaded = connect(other_db, autocommit=True)
    assert contents(loaded) == expected
    assert ("posts", "00_pgaudit_py", "O") in loaded.execute(TRIGGERS).fetchall()
    audit = Audit(loaded)
    assert {one.state for one in audit.status()} == {"disabled"}
    said = {finding.detail for one in audit.status() for finding in one.findings}
    for name in ("00_pgaudit_py", "00_pgaudit_py_truncate"):
        assert f"its trigger {name} does not fire where session_replication_role is replica" in said
    unguarded = "changes of it are not refused in every session"
    log = [finding for finding in audit.doctor() if finding.detail == unguarded]
    assert len(log) >= 5
    # What they say is what puts it right.
    assert {finding.fix for finding in log} == {"Run `pgaudit-py migrate`."}
    audit.migrate()
    assert unguarded not in {finding.detail for finding in audit.doctor()}
    for name in ("posts", "comments"):
        assert audit.sync(name).outcome == "updated"
    goes_on(loaded, expected)


def test_one_table_loaded_into_itself_is_a_change_as_any_other(
    blog: Conn, audit: Audit, db: str, tool: Tool, tmp_path: Path
) -> None:
    rows = contents(blog)[1]
    tool("pg_dump", "-Fc", "--data-only", "-t", "comments", "-f", tmp_path / "dump", "-d", db)
    blog.execute("UPDATE comments SET body = 'spoilt'; INSERT INTO comments VALUES (3, 1, 'spam')")
    blog.execute("TRUNCATE comments")
    tool("pg_restore", "-d", db, tmp_path / "dump")
    assert contents(blog)[1] == rows
    assert [entry.operation for entry in audit.history("comments", 1)] == ["I", "U", "D", "I"]
    assert [entry.operation for entry in audit.history("comments", 3)] == ["I", "D"]
    assert states(blog) == {"A"}
    assert wrong(blog) == []


@pytest.mark.unverified(reason="a row went behind the log's back")
def test_one_table_dropped_and_made_anew(
    blog: Conn, audit: Audit, db: str, tool: Tool, tmp_path: Path
) -> None:
    """pg_restore -t brings the table, and neither its triggers nor its key: it is not audited, and status says so.

    Whatever was put back has no activity: a baseline tells what rows are now, and `check` names those that are gone.
    """
    tool("pg_dump", "-Fc", "-f", tmp_path / "dump", "-d", db)
    blog.execute("UPDATE comments SET body = 'later' WHERE id = 1; INSERT INTO comments VALUES (3, 1, 'new')")
    tool("pg_restore", "--clean", "-t", "comments", "-d", db, tmp_path / "dump")
    (comments,) = [one for one in audit.status() if one.subject_type == "comments"]
    assert comments.state == "missing"
    blog.execute("ALTER TABLE comments ADD PRIMARY KEY (id)")
    audit.sync("comments")
    audit.baseline("comments")
    assert [(one.subject_id, one.problem) for one in audit.verify_table("comments")] == [
        ("3", "the row is missing")
    ]
    blog.execute("UPDATE comments SET body = 'last' WHERE id = 1")
    bodies = [entry.state["body"] for entry in audit.history("comments", 1) if entry.state]
    assert bodies == ["first", "later", "first", "last"]
    assert wrong(blog) == []


def test_a_table_alone_elsewhere(
    blog: Conn, db: str, bare_db: str, connect: Connect, tool: Tool, tmp_path: Path
) -> None:
    """Without the schema pgaudit_py its triggers have no functions: they are missed, and the rows are all there."""
    tool("pg_dump", "-Fc", "-t", "posts", "-f", tmp_path / "dump", "-d", db)
    said = tool(
        "pg_restore",
        "-d",
        bare_db,
        tmp_path / "dump",
        allow='schema "pgaudit_py" does not exist|00_pgaudit_py',
    )
    assert len(said) == 2  # its two triggers
    loaded = connect(bare_db, autocommit=True)
    assert loaded.execute("SELECT count(*) FROM posts").fetchone() == (2,)
    loaded.execute("INSERT INTO posts (title) VALUES ('written all the same')")


def test_the_application_alone(
    blog: Conn, db: str, other_db: str, connect: Connect, tool: Tool, tmp_path: Path
) -> None:
    """A copy for tests, say, without what was recorded: the log is left out by its schema, and installed anew."""
    tool("pg_dump", "-Fc", "-N", "pgaudit_py", "-f", tmp_path / "dump", "-d", db)
    tool(
        "pg_restore",
        "-d",
        other_db,
        tmp_path / "dump",
        allow='schema "pgaudit_py" does not exist|00_pgaudit_py',
    )
    loaded = connect(other_db, autocommit=True)
    audit = Audit(loaded)
    audit.migrate()
    audit.install("posts")
    loaded.execute("UPDATE posts SET title = title || '!'")
    assert [one.operation for one in audit.iter_activity()] == ["U", "U"]
    assert contradictions(loaded) == []
