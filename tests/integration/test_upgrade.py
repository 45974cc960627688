"""From each earlier release, with its data, while the application runs."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, Reload, Run, contradictions

pytestmark = pytest.mark.every_major

RELEASES = sorted((Path(__file__).parents[1] / "sql/releases").glob("*.sql"))


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def old(
    server: EmbeddedServer, bare_db: str, request: pytest.FixtureRequest, connect: Connect
) -> Iterator[str]:
    """A database as a release left it, with a table of its time in use."""
    command = [
        str(server.tool("psql")),
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        bare_db,
        "-f",
        str(request.param),
    ]
    subprocess.run(command, check=True, capture_output=True, cwd="/")
    yield bare_db
    with psycopg.connect(bare_db, autocommit=True) as conn:
        assert contradictions(conn) == []


class Writer(threading.Thread):
    """Changes posts, row by row, in transactions of its own, and counts what it committed."""

    def __init__(self, dsn: str, number: int) -> None:
        super().__init__()
        self.dsn, self.number = dsn, number
        self.stop = threading.Event()
        self.written = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with psycopg.connect(self.dsn, autocommit=True) as conn:
                key = 1000 + self.number
                conn.execute("INSERT INTO posts (id, title) VALUES (%s, '0')", [key])
                while not self.stop.is_set():
                    conn.execute("UPDATE posts SET title = (title::int + 1)::text WHERE id = %s", [key])
                    self.written += 1
        except Exception as error:
            self.error = error


def test_nothing_is_lost_in_an_upgrade_under_load(old: str, connect: Connect) -> None:
    conn = connect(old, autocommit=True)
    before = conn.execute("SELECT count(*) FROM pgaudit_py.activity_log").fetchone()
    open_one = connect(old)  # a session with old plans, in a transaction that goes on
    open_one.execute("UPDATE posts SET title = 'open 1' WHERE id = 1")
    writers = [Writer(old, number) for number in range(4)]
    for writer in writers:
        writer.start()
    audit = Audit(conn)
    assert "migrations/0002_options.sql" in audit.migrate().migrations
    open_one.execute("UPDATE posts SET title = 'open 2' WHERE id = 1")
    open_one.commit()
    states = {one.subject_type: one.state for one in audit.status()}
    assert states.keys() == {"notes", "posts", "shop.items"}
    assert states == {"notes": "outdated", "posts": "drifted", "shop.items": "outdated"}
    for name in states:
        assert audit.sync(name).outcome == "updated"
    while any(writer.written < 50 and writer.is_alive() for writer in writers):
        pass
    for writer in writers:
        writer.stop.set()
        writer.join()
        assert writer.error is None
    assert {one.state for one in audit.status()} == {"installed"}
    assert [one for one in audit.doctor() if one.is_wrong] == []
    (altered,) = audit.activity(action="altered")  # what had drifted under 0.1.0
    assert (altered.subject, altered.altered) == ("posts", {"added": {"added": "integer"}})
    recorded = conn.execute(
        "SELECT count(*) FROM pgaudit_py.activity_log WHERE action <> 'altered'"
    ).fetchone()
    assert before
    assert recorded == (before[0] + 2 + sum(writer.written + 1 for writer in writers),)
    assert audit.migrate().functions == ()


def test_what_was_recorded_before_is_read_as_before(old: str, connect: Connect) -> None:
    conn = connect(old, autocommit=True)
    told = "h.life, h.id, h.key, h.previous_key, h.changes::text, h.state::text"
    said = {
        "history": f"SELECT {told} FROM pgaudit_py.history('posts', '2') AS h",
        "moved": f"SELECT {told} FROM pgaudit_py.history('posts', '100') AS h",
        "gone": f"SELECT {told} FROM pgaudit_py.history('shop.items', '[\"2\", \"a|b\"]') AS h",
        "versions": "SELECT id, pgaudit_py.version(id)::text FROM pgaudit_py.versions ORDER BY id",
        "problems": "SELECT p::text FROM pgaudit_py.verify_table('posts') AS p",
    }
    before = {name: conn.execute(query).fetchall() for name, query in said.items()}
    assert before["history"]
    assert before["moved"]
    audit = Audit(conn)
    audit.migrate()
    assert {name: conn.execute(query).fetchall() for name, query in said.items()} == before
    for one in audit.status():
        audit.sync(one.subject_type)
    assert {name: conn.execute(query).fetchall() for name, query in said.items()} == before
    gone = next(one for one in audit.activity(subject="posts", action="deleted"))
    audit.restore(version=gone.id)
    assert conn.execute("SELECT title FROM posts WHERE id = 3").fetchone() == ("old 3",)


def test_until_it_is_synced_everything_is_recorded(old: str, connect: Connect) -> None:
    """Functions that an earlier release rendered call what is there now."""
    conn = connect(old, autocommit=True)
    Audit(conn).migrate()
    conn.execute("ALTER TABLE notes ADD extra int")
    conn.execute("INSERT INTO notes VALUES ('x', 1); UPDATE notes SET extra = 2 WHERE words = 'x'")
    conn.execute("UPDATE posts SET title = 'new'; DELETE FROM posts WHERE id = 100; TRUNCATE shop.items")
    last = Audit(conn).activity(limit=3)
    assert [one.action for one in last] == ["truncated", "deleted", "deleted"]


def test_it_is_uninstalled_as_it_is(
    old: str, connect: Connect, server: EmbeddedServer, tmp_path: Path
) -> None:
    """Without an upgrade, and by a script as well; run twice, that is refused."""
    conn = connect(old, autocommit=True)
    audit = Audit(conn)
    with audit.rehearsal() as rehearsal:
        audit.uninstall("posts")
    script = tmp_path / "uninstall.sql"
    script.write_text(rehearsal.sql)
    command = [str(server.tool("psql")), "-X", "-q", "-d", old, "-f", str(script)]
    done = [subprocess.run(command, check=False, capture_output=True, text=True, cwd="/") for _ in range(2)]
    assert [one.returncode for one in done] == [0, 3], done
    assert "the audit trail of posts is not as it was when this was made" in done[1].stderr
    assert audit.tracked() == ["notes", "shop.items"]
    assert audit.uninstall("shop.items") == "shop.items"
    assert audit.drop_schema() == ["notes"]


def test_an_upgrade_by_a_script(
    old: str, connect: Connect, server: EmbeddedServer, tmp_path: Path, run: Run
) -> None:
    """Schema and tables in one; run twice, it is refused, and nothing is changed."""
    conn = connect(old, autocommit=True)
    script = tmp_path / "sync.sql"
    script.write_text(run("sync", "--sql", dsn=old)[1])
    command = [str(server.tool("psql")), "-X", "-q", "-d", old, "-f", str(script)]
    done = [subprocess.run(command, check=False, capture_output=True, text=True, cwd="/") for _ in range(2)]
    assert [one.returncode for one in done] == [0, 3], done
    assert "schema pgaudit_py is not as it was when this was made" in done[1].stderr
    assert {one.state for one in Audit(conn).status()} == {"installed"}


def fresh(conn: Conn) -> list[object]:
    """What the schema consists of: columns, functions, indexes."""
    return [
        conn.execute(query).fetchall()
        for query in (
            "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, attidentity FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'pgaudit_py'::regnamespace AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v') ORDER BY 1, 2",
            "SELECT oid::regprocedure::text, md5(prosrc), proacl IS NULL FROM pg_proc WHERE pronamespace = 'pgaudit_py'::regnamespace AND proname NOT LIKE 'capture\\_%' ORDER BY 1",
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'pgaudit_py'::regnamespace ORDER BY 1",
        )
    ]


def test_an_upgrade_ends_where_a_fresh_install_does(old: str, db: str, connect: Connect) -> None:
    conn = connect(old, autocommit=True)
    Audit(conn).migrate()
    assert fresh(conn) == fresh(connect(db, autocommit=True))


def test_a_dump_before_it_is_synced(old: str, connect: Connect, reload: Reload) -> None:
    """0.1.0 noted nowhere but in its functions which relation numbers are of; and this is a dump of what came from a dump."""
    conn = connect(old, autocommit=True)
    audit = Audit(conn)
    audit.migrate()
    conn.execute("ALTER TABLE posts DROP body, ADD more text[], ADD last text")
    conn.execute("UPDATE posts SET more = '{a}', last = 'b', tags = '{c}' WHERE id = 2")
    version = audit.activity(limit=1).items[0].id
    then = audit.version(version)
    loaded = reload(old)
    restored = Audit(loaded)
    loaded.execute("UPDATE posts SET more = '{A}', last = 'B' WHERE id = 2")
    assert restored.version(version) == then
    assert set(restored.activity(limit=1).items[0].changes) == {"more", "last"}
    for name in [one.subject_type for one in restored.status()]:
        restored.sync(name)
    loaded.execute("UPDATE posts SET tags = '{C}' WHERE id = 2")
    plan = restored.plan_restore(version=version)
    # Columns that no install had seen before the dump cannot be recognised after it, and are not guessed.
    assert (set(plan.changes), plan.left_out["more"], plan.left_out["last"]) == (
        {"tags"},
        "added since",
        "added since",
    )
    restored.restore(plan)
    assert loaded.execute("SELECT tags, more, last FROM posts WHERE id = 2").fetchone() == (["c"], ["A"], "B")
    assert contradictions(loaded) == []
