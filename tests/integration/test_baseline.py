"""A baseline: the state of every row that is older than its trail, taken while others write."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, AuditConnection, Baseline, actor, baselines
from pgaudit_py.cli.snapshots import take_baseline
from pgaudit_py.client import running
from pgaudit_py.errors import (
    IdleConnectionRequired,
    LockNotAvailable,
    NoKey,
    PrivilegeMissing,
    TableNotTracked,
)
from tests.conftest import Conn, Connect, until_somebody_waits
from tests.terminal import at_a_terminal


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Have batches read as many rows, however fast they are."""

    def of(rows: int) -> None:
        monkeypatch.setattr(baselines, "FIRST_ROWS", rows)
        monkeypatch.setattr(baselines, "MAX_ROWS", rows)

    return of


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    """A table with rows that are older than its trail."""
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, doc jsonb)")
    conn.execute("INSERT INTO posts SELECT i, 'post ' || i FROM generate_series(1, 25) AS i")
    audit.install("posts")
    return conn


def recorded(conn: Conn, subject_type: str = "posts") -> list[Any]:
    """The keys of the snapshots in the log, in their order."""
    rows = conn.execute(
        "SELECT subject_id FROM pgaudit_py.activity_log WHERE operation = 'S' AND subject_type = %s ORDER BY id",
        [subject_type],
    )
    return [key for (key,) in rows]


def position(conn: Conn) -> Any:
    return conn.execute("SELECT baseline FROM pgaudit_py.tracked_table").fetchall()[0][0]


def test_every_row_once(posts: Conn, audit: Audit, batches: Callable[[int], None]) -> None:
    batches(10)
    posts.execute("ANALYZE posts")
    said: list[Any] = []
    found = audit.baseline("public.posts", progress=lambda *numbers: said.append(numbers))
    assert found == Baseline("posts", "taken", 25, 25)
    assert recorded(posts) == [str(key) for key in range(1, 26)]
    assert said == [(10, 25), (20, 25), (25, 25)]
    (version,) = audit.versions("posts", 7)
    assert (version.action, version.label, version.stored) == ("snapshot", "baseline", True)
    assert audit.version(version.id) == {"id": 7, "title": "post 7"}
    assert len({one.transaction_id for one in audit.activity(limit=100)}) == 3
    assert audit.baseline("posts") == Baseline("posts", "unchanged", 0, 25)
    assert len(recorded(posts)) == 25


def test_the_log_alone_rebuilds_what_changed_since(posts: Conn, audit: Audit) -> None:
    posts.execute("UPDATE posts SET title = 'changed' WHERE id = 1")
    audit.baseline("posts")
    posts.execute(
        "UPDATE posts SET title = 'again' WHERE id = 1; UPDATE posts SET id = 101 WHERE id = 2; DROP TABLE posts"
    )
    states = [(entry.operation, entry.state) for entry in audit.history("posts", 1)]
    assert states == [
        ("U", {"id": 1, "title": "changed"}), ("S", {"id": 1, "title": "changed"}), ("U", {"id": 1, "title": "again"}),
    ]  # fmt: skip
    assert [(entry.state or {})["title"] for entry in audit.history("posts", 101)] == ["post 2", "post 2"]


def test_rows_of_which_the_log_tells_everything_are_left_out(
    posts: Conn, audit: Audit, batches: Callable[[int], None]
) -> None:
    """Unless a record came to their key from elsewhere, whose birth may be older than the trail."""
    posts.execute("INSERT INTO posts VALUES (50, 'new'), (51, 'new')")
    audit.snapshot("posts", 3)
    posts.execute(
        "DELETE FROM posts WHERE id = 51; UPDATE posts SET id = 51 WHERE id = 4; INSERT INTO posts VALUES (4, 'b')"
    )
    audit.baseline("posts")
    assert recorded(posts) == ["3", "1", "2", *map(str, range(5, 26)), "51"]
    batches(10)
    assert audit.baseline("posts", again=True) == Baseline("posts", "taken", 27, 27)
    assert len(recorded(posts)) == 25 + 27


def test_rows_that_come_meanwhile(posts: Conn, audit: Audit, batches: Callable[[int], None]) -> None:
    batches(10)

    def write(passed: int, _: object) -> None:
        if passed == 10:
            posts.execute("INSERT INTO posts VALUES (-1, 'behind'), (30, 'before')")
            posts.execute(
                "DELETE FROM posts WHERE id IN (5, 15); UPDATE posts SET title = 'x' WHERE id IN (6, 16)"
            )
            posts.execute("DELETE FROM posts WHERE id = 10")  # where it stands

    audit.baseline("posts", progress=write)
    assert recorded(posts) == [str(key) for key in range(1, 26) if key != 15]
    for key in (5, 6, 15, 16, -1, 30):
        assert all(entry.state for entry in audit.history("posts", key))


class KilledError(Exception):
    pass


@pytest.mark.parametrize("when", [1, 2, 3])
def test_it_goes_on_where_it_was(
    posts: Conn, audit: Audit, db: str, connect: Connect, batches: Callable[[int], None], when: int
) -> None:
    batches(5)
    victim = connect(db)
    calls = 0

    def die(*_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == when:
            raise KilledError

    with pytest.raises(KilledError):
        Audit(victim).baseline("posts", progress=die)
    assert victim.isolation_level is None
    assert victim.info.transaction_status.name == "IDLE"
    assert (position(posts)["after"], position(posts)["rows"]) == ([str(when * 5)], when * 5)
    assert audit.baseline("posts", again=True) == Baseline("posts", "continued", 25 - when * 5, 25)
    assert recorded(posts) == [str(key) for key in range(1, 26)]


def test_killed_in_the_middle_of_a_batch(
    posts: Conn, audit: Audit, db: str, connect: Connect, batches: Callable[[int], None]
) -> None:
    batches(10)
    victim, writer = connect(db), connect(db)

    def hold(*_: object) -> None:
        writer.execute("UPDATE posts SET title = 'x' WHERE id = 1")  # the next batch has to wait

    with ThreadPoolExecutor(1) as thread:
        killed = thread.submit(Audit(victim).baseline, "posts", progress=hold)
        until_somebody_waits(posts, "posts")
        posts.execute("SELECT pg_terminate_backend(%s)", [victim.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            killed.result(20)
    writer.commit()
    assert audit.baseline("posts").outcome == "continued"
    assert recorded(posts) == [str(key) for key in range(1, 26)]


def test_the_columns_change_in_between(posts: Conn, audit: Audit, batches: Callable[[int], None]) -> None:
    batches(10)

    def alter(passed: int, _: object) -> None:
        if passed == 10:
            posts.execute("ALTER TABLE posts ADD n int DEFAULT 3; ALTER TABLE posts RENAME id TO number")
        elif passed == 20:
            audit.install("posts")

    audit.baseline("posts", progress=alter)
    assert recorded(posts) == [str(key) for key in range(1, 26)]
    first, drifted, installed = (audit.activity(subject=("posts", key)).items[0] for key in (1, 11, 21))
    assert first.snapshot == {"id": 1, "title": "post 1"}
    assert drifted.snapshot == {"number": 11, "title": "post 11", "n": 3}
    assert ("_drift" in drifted.metadata, "_drift" in installed.metadata) == (True, False)
    posts.execute("UPDATE posts SET n = 4")
    assert audit.restore(version=drifted.id).operation == "update"


def test_another_order_begins_anew(posts: Conn, audit: Audit, batches: Callable[[int], None]) -> None:
    """By text, 10 comes before 2: the position means something else."""
    batches(10)

    def alter(passed: int, _: object) -> None:
        if passed == 10:
            posts.execute("ALTER TABLE posts ALTER id TYPE text")

    audit.baseline("posts", progress=alter)
    assert sorted(recorded(posts), key=int) == [str(key) for key in range(1, 26)]
    assert position(posts)["read"] == 25


def test_a_key_with_several_columns_of_several_kinds(
    conn: Conn, audit: Audit, batches: Callable[[int], None]
) -> None:
    batches(3)
    conn.execute(
        """CREATE EXTENSION IF NOT EXISTS citext; CREATE TYPE mood AS ENUM ('sad', 'happy');
           CREATE DOMAIN small AS int CHECK (VALUE < 100);
           CREATE TABLE t (a small, "b c" citext, c mood, d char(3) COLLATE "C", e timestamptz, f text, g float8,
               h bytea, PRIMARY KEY (a, "b c", c, d, e, f, g, h));
           INSERT INTO t SELECT i % 2, (ARRAY['a', 'B', 'c', 'D'])[1 + i % 4], (ARRAY['sad', 'happy'])[1 + i % 2]::mood,
               (ARRAY['x', 'Y'])[1 + i % 2], '2026-01-01'::timestamptz + (i % 3) * '1.000001 s'::interval,
               (ARRAY['é', 'E', 'z'])[1 + i % 3], i * 0.1, decode(lpad(to_hex(i), 2, '0'), 'hex')
           FROM generate_series(1, 40) AS i"""
    )
    audit.install("t")
    conn.execute(
        "SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = -3; SET bytea_output = escape"
    )
    assert audit.baseline("t").rows == 40
    expected = conn.execute('SELECT g FROM t ORDER BY a, "b c", c, d, e, f, g, h').fetchall()
    by_log = conn.execute(
        "SELECT (snapshot -> 'g')::float8 FROM pgaudit_py.activity_log ORDER BY id"
    ).fetchall()
    assert by_log == expected
    assert len(set(recorded(conn, "t"))) == 40


def test_the_keys_index_serves(conn: Conn, audit: Audit) -> None:
    conn.execute(
        "CREATE TABLE t (a int, b text, PRIMARY KEY (a, b)); INSERT INTO t SELECT i % 3, i::text FROM generate_series(1, 9000) AS i"
    )
    conn.execute("ANALYZE t")
    audit.install("t")
    (query,) = conn.execute(
        "SELECT pgaudit_py.keyset_query('t'::regclass, '{a,b}', '{1,77}', 50)"
    ).fetchone() or ("",)
    plan = "\n".join(line for (line,) in conn.execute(f"EXPLAIN {query}".encode()).fetchall())
    assert plan.count("t_pkey") == 2
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def test_a_value_too_large_for_the_log(conn: Conn, audit: Audit) -> None:
    """No string of a jsonb has more than 256 MB."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, s text)")
    conn.execute("INSERT INTO t SELECT i, 'short' FROM generate_series(1, 30) AS i")
    conn.execute("UPDATE t SET s = repeat('x', 270000000) WHERE id = 17")
    audit.install("t")
    assert audit.baseline("t").rows == 30
    assert recorded(conn, "t") == [str(key) for key in range(1, 31)]
    for key in (16, 17, 18):
        (one,) = audit.activity(subject=("t", key))
        assert set(one.omitted) == ({"s"} if key == 17 else set())
    conn.execute("UPDATE t SET s = '' WHERE id = 17")


def test_a_key_too_long_for_the_log(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (k text PRIMARY KEY)")
    conn.execute(
        "INSERT INTO t SELECT string_agg(md5(i::text), '') FROM generate_series(1, 70) AS i UNION SELECT 'short'"
    )
    audit.install("t")
    assert audit.baseline("t").rows == 2
    long, short = sorted(audit.activity(), key=lambda one: one.subject_id or "")
    assert (long.subject_id, long.metadata["_key"], short.metadata) == (
        None,
        "too long",
        {"_label": "baseline"},
    )


def test_what_is_redacted_is_named(posts: Conn, audit: Audit) -> None:
    posts.execute(
        "UPDATE pgaudit_py.table_shape SET columns = jsonb_set(columns, '{title,redacted}', 'true')"
    )
    audit.baseline("posts")
    assert {str(one.omitted) for one in audit.activity()} == {"{'title': {'why': 'redacted'}}"}


def test_after_a_time_without_a_trail(posts: Conn, audit: Audit) -> None:
    """What the log has of a row may not be what it is by now."""
    posts.execute("INSERT INTO posts VALUES (50, 'new')")
    assert audit.baseline("posts").rows == 25
    audit.uninstall("posts")
    audit.install("posts")
    assert audit.baseline("posts") == Baseline("posts", "taken", 26, 26)
    assert audit.baseline("posts").outcome == "unchanged"


def test_an_empty_table(posts: Conn, audit: Audit) -> None:
    posts.execute("DELETE FROM posts")
    said: list[Any] = []
    assert audit.baseline("posts", progress=lambda *numbers: said.append(numbers)).rows == 0
    assert said == [(0, None)]
    assert audit.baseline("posts").outcome == "unchanged"


# --- beside others -------------------------------------------------------------------------------


def test_beside_writers(conn: Conn, audit: Audit, db: str, connect: Connect) -> None:
    """Each row that existed has a state, in its place among the changes; and writers get their turn between batches."""
    conn.execute("CREATE TABLE busy (id int PRIMARY KEY, n int NOT NULL, pad text)")
    conn.execute("INSERT INTO busy SELECT i, 0, repeat('x', 200) FROM generate_series(1, 6000) AS i")
    audit.install("busy")
    done = threading.Event()

    def write(number: int) -> int:
        chance, writer, turns = random.Random(number), connections[number], 0
        while not done.is_set():
            turns += 1
            with suppress(psycopg.errors.DeadlockDetected), writer.transaction():
                key, other = chance.randint(1, 7000), chance.randint(1, 7000)
                writer.execute("UPDATE busy SET n = n + 1 WHERE id = %s", [key])
                writer.execute(
                    "INSERT INTO busy VALUES (%s, 0) ON CONFLICT (id) DO UPDATE SET n = 0", [other]
                )
                if key % 5 == 0:
                    writer.execute("DELETE FROM busy WHERE id = %s", [other])
                if key % 7 == 0:
                    writer.execute(
                        "UPDATE busy SET id = %s WHERE id = %s", [key + 10_000 * (1 + number), key]
                    )
        return turns

    connections = [connect(db, autocommit=True) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(write, number) for number in range(3)]
        try:
            found = audit.baseline("busy")
        finally:
            done.set()
        assert all(writer.result(20) for writer in writers)
    assert found.rows > 4000
    between = """SELECT count(*) FROM pgaudit_py.activity_log WHERE operation <> 'S' AND id BETWEEN
        (SELECT min(id) FROM pgaudit_py.activity_log WHERE operation = 'S') AND (SELECT max(id) FROM pgaudit_py.activity_log WHERE operation = 'S')"""
    assert (conn.execute(between).fetchone() or (0,))[0] > 0
    assert audit.verify_table("busy") == []
    assert len(set(recorded(conn, "busy"))) == len(recorded(conn, "busy"))
    unknown = conn.execute(
        """SELECT b.id FROM busy AS b WHERE NOT EXISTS (
               SELECT FROM pgaudit_py.subject_lives('busy', b.id::text) AS v JOIN pgaudit_py.activity_log AS l USING (id)
               WHERE l.operation IN ('I', 'S'))"""
    ).fetchall()
    assert unknown == []


def test_two_at_once(posts: Conn, db: str, connect: Connect, batches: Callable[[int], None]) -> None:
    batches(3)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda conn: Audit(conn).baseline("posts"), [connect(db), connect(db)]))
    assert sum(one.rows for one in found) == 25
    assert sorted(map(int, recorded(posts))) == list(range(1, 26))


def test_a_writer_that_goes_on_for_long(
    posts: Conn, audit: Audit, db: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgaudit_py.driving.LOCK_TIMEOUT", 20)
    monkeypatch.setattr(running, "pause", lambda attempt: 0)
    writer = connect(db)
    writer.execute("UPDATE posts SET title = 'x' WHERE id = 1")
    with pytest.raises(LockNotAvailable, match="table posts stayed locked by other sessions, in 10 tries"):
        audit.baseline("posts")
    writer.commit()
    assert audit.baseline("posts").outcome == "taken"


# --- over which connection, and by whom ----------------------------------------------------------


def test_whatever_the_connections_isolation(posts: Conn, audit: Audit, db: str) -> None:
    with (
        actor(42),
        AuditConnection.connect(db, options="-c default_transaction_isolation=serializable") as conn,
    ):
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert Audit(conn).baseline("posts").rows == 25
        assert conn.isolation_level == psycopg.IsolationLevel.REPEATABLE_READ
    assert {one.causer for one in audit.activity()} == {"42"}


def test_what_cannot_be(posts: Conn, audit: Audit, db: str, connect: Connect) -> None:
    posts.execute("CREATE TABLE keyless (n int); CREATE TABLE other (id int PRIMARY KEY)")
    audit.install("keyless")
    with pytest.raises(NoKey, match="keyless has no key"):
        audit.baseline("keyless")
    with pytest.raises(TableNotTracked):
        audit.baseline("other")
    inside = connect(db)
    inside.execute("SELECT 1")
    with pytest.raises(IdleConnectionRequired, match="baseline runs transactions of its own"):
        Audit(inside).baseline("posts")
    for arguments, state in {
        "'posts', 0": "PGA11",
        "'posts', NULL": "PGA11",
        "'other', 1": "PGA03",
        "NULL, 1": "PGA03",
    }.items():
        with pytest.raises(psycopg.Error) as refused:
            posts.execute(f"SELECT pgaudit_py.baseline_batch({arguments})".encode())
        assert refused.value.sqlstate == state
    strict = connect(db)
    strict.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with pytest.raises(psycopg.Error) as refused:
        strict.execute("SELECT pgaudit_py.baseline_batch('posts', 1)")
    assert (refused.value.sqlstate, "READ COMMITTED" in str(refused.value.diag.message_hint)) == (
        "PGA11",
        True,
    )
    assert recorded(posts) == []


def test_rows_that_policies_hide(bare_db: str, connect: Connect, role: Callable[[], str]) -> None:
    """Better none than some that are silently missing."""
    admin, owner = connect(bare_db, autocommit=True), role()
    admin.execute(
        f"""GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {owner}; CREATE SCHEMA theirs AUTHORIZATION {owner};
            SET ROLE {owner}; CREATE TABLE theirs.t (id int PRIMARY KEY); INSERT INTO theirs.t VALUES (1);
            ALTER TABLE theirs.t ENABLE ROW LEVEL SECURITY; ALTER TABLE theirs.t FORCE ROW LEVEL SECURITY; RESET ROLE""".encode()
    )
    audit = Audit(connect(bare_db, user=owner, autocommit=True))
    audit.migrate()
    audit.install("theirs.t")
    with pytest.raises(PrivilegeMissing, match="row-level security"):
        audit.baseline("theirs.t")
    admin.execute("ALTER TABLE theirs.t NO FORCE ROW LEVEL SECURITY")
    assert audit.baseline("theirs.t").rows == 1
    admin.execute(f"DROP OWNED BY {owner} CASCADE".encode())


def test_awaited(posts: Conn, db: str, batches: Callable[[int], None]) -> None:
    batches(10)
    said: list[Any] = []

    async def work() -> list[Baseline]:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            twin = AsyncAudit(conn)
            first = await twin.baseline("posts", progress=lambda *numbers: said.append(numbers))
            with pytest.raises(TableNotTracked):
                await twin.baseline("pg_class")
            await conn.close()
            return [first]

    assert asyncio.run(work()) == [Baseline("posts", "taken", 25, 25)]
    assert [passed for passed, _ in said] == [10, 20, 25]


BAR = """
import sys
import psycopg
from pgaudit_py import Audit
from pgaudit_py.cli.snapshots import take_baseline
with psycopg.connect(sys.argv[1], autocommit=True) as conn:
    print(take_baseline(Audit(conn), "posts", again=True))
"""


@pytest.mark.parametrize("analyzed", [False, True])
def test_a_bar_at_a_terminal_only(posts: Conn, db: str, analyzed: bool) -> None:
    if analyzed:
        posts.execute("ANALYZE posts")
    command = [sys.executable, "-c", BAR, db]
    code, shown = at_a_terminal(command)
    assert code == 0
    assert "outcome='taken', rows=25" in shown
    assert ("25/25" if analyzed else "25/?") in shown
    assert "rows of posts, estimated" in shown
    piped = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (piped.stdout.count("rows=25"), piped.stderr) == (1, "")


def test_no_bar_here(posts: Conn, audit: Audit) -> None:
    assert take_baseline(audit, "posts").rows == 25


@pytest.mark.parametrize(
    ("read", "seconds", "next_size"),
    [
        (200, 0.01, 400),
        (4000, 0.01, 5000),
        (5000, 1.0, 1250),
        (1, 30.0, 1),
        (1000, 0.25, 1000),
        (10, 0.0, 20),
    ],
)
def test_batches_are_as_large_as_writers_can_wait_for(read: int, seconds: float, next_size: int) -> None:
    assert baselines.next_size(read, seconds) == next_size
