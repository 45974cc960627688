"""Snapshots: a record as it is, read by the database itself, in the true order of changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from pgaudit_py import AsyncAudit, Audit, set_actor
from pgaudit_py.cli import main
from pgaudit_py.errors import (
    LockNotAvailable,
    NoKey,
    OptionError,
    PrivilegeMissing,
    RecordNotFound,
    TableNotTracked,
)
from tests.conftest import Conn, Connect
from tests.integration.test_concurrency import meanwhile, wait_until, waits

pytestmark = pytest.mark.every_major


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    """A table with a row that is older than its trail."""
    conn.execute("CREATE TABLE posts (id int PRIMARY KEY, title text, n int DEFAULT 0, doc jsonb)")
    conn.execute("INSERT INTO posts (id, title) VALUES (1, 'Tea')")
    audit.install("posts")
    return conn


def test_before_any_other_activity(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        set_actor(posts, 42)
        version = audit.snapshot("posts", "01", label="before import")
    posts.execute("UPDATE posts SET title = 'Mate', doc = 'null'")
    (first, updated) = audit.versions("posts", 1)
    assert (first.id, first.operation, first.action, first.label, first.stored) == (
        version, "S", "snapshot", "before import", True,
    )  # fmt: skip
    (entry, _) = audit.history("posts", 1)
    assert (entry.state, entry.causer, entry.changes) == ({"id": 1, "title": "Tea", "n": 0}, "42", {})
    assert audit.version(version) == entry.state
    assert list(audit.diff(version, updated.id)) == ["doc", "title"]
    began = posts.execute("SELECT installed_at FROM pgaudit_py.tracked_table").fetchall()[0][0]
    for at in (began, first.created_at):
        assert audit.record_at("posts", 1, at=at) == entry.state
    assert audit.restore(version=version).operation == "update"
    assert posts.execute("SELECT * FROM posts").fetchall() == [(1, "Tea", 0, None)]


def test_a_deleted_record_comes_back_from_it(posts: Conn, audit: Audit) -> None:
    version = audit.snapshot("posts", 1)
    posts.execute("UPDATE posts SET title = 'Mate'; DELETE FROM posts")
    assert audit.restore(version=version).operation == "insert"
    assert posts.execute("SELECT title FROM posts").fetchall() == [("Tea",)]


def test_the_key_changes_afterwards(posts: Conn, audit: Audit) -> None:
    version = audit.snapshot("posts", 1)
    posts.execute("UPDATE posts SET id = 2; INSERT INTO posts VALUES (1, 'another')")
    assert [entry.operation for entry in audit.history("posts", 2)] == ["S", "U"]
    assert [entry.operation for entry in audit.history("posts", 1)] == ["I"]
    assert (audit.plan_restore(version=version).current_id, audit.version(version)["title"]) == ("2", "Tea")
    with pytest.raises(RecordNotFound, match="no posts '3' now"):
        audit.snapshot("posts", 3)


def test_twice_in_one_transaction_with_updates_in_between(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        posts.execute("UPDATE posts SET n = 1")
        versions = [audit.snapshot("posts", 1), audit.snapshot("posts", 1)]
        posts.execute("UPDATE posts SET n = n")  # moves the row, and is not recorded
        versions.append(audit.snapshot("posts", 1))
        posts.execute("UPDATE posts SET n = 2")
        versions.append(audit.snapshot("posts", 1, label="last"))
        posts.execute("UPDATE posts SET n = 3")
    said = [(entry.operation, (entry.state or {})["n"]) for entry in audit.history("posts", 1)]
    assert said == [("U", 1), ("S", 1), ("S", 1), ("S", 1), ("U", 2), ("S", 2), ("U", 3)]
    assert [audit.version(version)["n"] for version in versions] == [1, 1, 1, 2]
    assert [version.label for version in audit.versions("posts", 1)][5] == "last"


def test_what_its_own_transaction_inserted(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        posts.execute("INSERT INTO posts VALUES (2, 'Coffee')")
        audit.snapshot("posts", 2)
        posts.execute("DELETE FROM posts WHERE id = 2")
    assert [entry.operation for entry in audit.history("posts", 2)] == ["I", "S", "D"]


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
def test_behind_a_writer(posts: Conn, audit: Audit, db: str, connect: Connect, level: str) -> None:
    """What it reads is what it holds: never a state that somebody had already changed."""
    writer, reader = connect(db), connect(db)
    reader.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
    reader.execute("SELECT FROM posts")
    writer.execute("UPDATE posts SET n = 5")
    later = meanwhile(lambda: Audit(reader).snapshot("posts", 1))
    wait_until(waits(posts, reader))
    writer.commit()
    if level == "READ COMMITTED":
        version = later.result(10)
        reader.commit()
        assert audit.version(version)["n"] == 5
        assert [entry.operation for entry in audit.history("posts", 1)] == ["U", "S"]
    else:
        with pytest.raises(psycopg.errors.SerializationFailure):
            later.result(10)


def test_writers_wait_and_foreign_keys_do_not(posts: Conn, audit: Audit, db: str, connect: Connect) -> None:
    posts.execute("CREATE TABLE comments (post int REFERENCES posts)")
    reader, writer = connect(db), connect(db, options="-c lock_timeout=50ms", autocommit=True)
    Audit(reader).snapshot("posts", 1)
    writer.execute("INSERT INTO comments VALUES (1)")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        writer.execute("UPDATE posts SET n = 1")
    reader.rollback()
    assert audit.activity().items == ()


def test_a_row_that_stays_locked(posts: Conn, db: str, connect: Connect) -> None:
    writer, reader = connect(db), connect(db, options="-c lock_timeout=50ms")
    writer.execute("UPDATE posts SET n = 1")
    with pytest.raises(LockNotAvailable):
        Audit(reader).snapshot("posts", 1)


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ"])
def test_of_an_altered_table(posts: Conn, audit: Audit, db: str, connect: Connect, level: str) -> None:
    reader = connect(db)
    reader.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
    reader.execute("SELECT FROM pg_class LIMIT 1")
    posts.execute("ALTER TABLE posts ADD added int DEFAULT 3, DROP doc")
    version = Audit(reader).snapshot("posts", 1, label="altered")
    reader.commit()
    one = audit.activity().items[0]
    assert (one.snapshot, set(one.metadata)) == (
        {"id": 1, "title": "Tea", "n": 0, "added": 3}, {"_drift", "_label"},
    )  # fmt: skip
    posts.execute("UPDATE posts SET n = 2")
    audit.install("posts")
    assert audit.diff(version, audit.versions("posts", 1)[-1].id)["n"].new == 2
    assert audit.restore(version=version).operation == "update"


def test_every_kind_of_value_as_the_trigger_writes_it(conn: Conn, audit: Audit) -> None:
    conn.execute(
        """CREATE TYPE mood AS ENUM ('sad', 'happy');
           CREATE TABLE kinds (a numeric, b timestamptz, c float8, d bytea, e interval, f int[], g jsonb, h mood, i text,
               j date GENERATED ALWAYS AS (('2026-01-02'::date)) STORED, PRIMARY KEY (b, a));
           INSERT INTO kinds VALUES (1.50, '2026-01-02 03:04:05.678+01', '-0', '\\x00ff', '1 mon', '{1,2}', '[1.00]',
                                     'happy', NULL)"""
    )
    audit.install("kinds")
    conn.execute("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET bytea_output = escape")
    version = audit.snapshot("kinds", ("2026-01-02 02:04:05.678+00", "1.5"))
    conn.execute("DELETE FROM kinds")
    deleted, snapshot = audit.activity()
    assert (snapshot.id, snapshot.subject_id) == (version, deleted.subject_id)
    assert snapshot.snapshot == deleted.snapshot
    texts = conn.execute("SELECT snapshot::text FROM pgaudit_py.activity_log").fetchall()
    assert len(set(texts)) == 1


def test_of_a_key_with_several_columns_and_another_schema(conn: Conn, audit: Audit) -> None:
    conn.execute(
        'CREATE SCHEMA "My Shop"; CREATE TABLE "My Shop"."t.s" ("A b" int, lang text, PRIMARY KEY ("A b", lang))'
    )
    audit.install('"My Shop"."t.s"')
    conn.execute("""INSERT INTO "My Shop"."t.s" VALUES (7, 'de'), (7, 'en')""")
    audit.snapshot("My Shop.t.s", (7, "de"))
    assert audit.activity(limit=1).items[0].subject_id == '["7", "de"]'


def test_a_key_too_long_for_the_log(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (k text PRIMARY KEY)")
    audit.install("t")
    key = "".join(chr(97 + i * i % 26) for i in range(2500))
    conn.execute("INSERT INTO t VALUES (%s)", [key])
    version = audit.snapshot("t", key, label="long")
    one = audit.activity(limit=1).items[0]
    assert (one.subject_id, one.metadata) == (None, {"_key": "too long", "_label": "long"})
    assert audit.version(version) == {"k": key}


def test_what_is_redacted_is_named(posts: Conn, audit: Audit) -> None:
    audit.install("posts", redact=["title", "doc.token", "doc.a.b"])
    audit.snapshot("posts", 1)
    assert audit.activity(limit=1).items[0].omitted == {
        name: {"why": "redacted"} for name in ("title", "doc.token", "doc.a.b")
    }
    assert posts.execute('SELECT pgaudit_py.redacted_of(\'{"a": {"excluded": true}}\')').fetchone() == (None,)


def test_what_cannot_be(posts: Conn, audit: Audit) -> None:
    posts.execute("CREATE TABLE keyless (n int); CREATE TABLE other (id int PRIMARY KEY)")
    audit.install("keyless")
    for name in ("other", "nonsense"):
        with pytest.raises(TableNotTracked, match="no audit trail is installed on"):
            audit.snapshot(name, 1)
    with pytest.raises(NoKey, match="keyless has no key"):
        audit.snapshot("keyless", 1)
    for label in ("", "x" * 513):
        with pytest.raises(OptionError, match="a label has 1 to 512"):
            audit.snapshot("posts", 1, label=label)
    for key in ("x", (1, 2), None):
        with pytest.raises(OptionError):
            audit.snapshot("posts", key)
    for arguments, state in {
        "NULL, '1'": "PGA03",
        "'keyless', '1'": "PGA04",
        "'posts', NULL": "PGA06",
    }.items():
        with pytest.raises(psycopg.Error) as refused:
            posts.execute(f"SELECT pgaudit_py.snapshot({arguments})".encode())
        assert refused.value.sqlstate == state
    assert audit.activity().items == ()


def test_a_session_cannot_say_what_it_is(posts: Conn, audit: Audit) -> None:
    posts.execute(
        """SET pgaudit_py.action = 'deleted'; SET pgaudit_py.metadata = '{"_label": "theirs", "_drift": {}}'"""
    )
    audit.snapshot("posts", 1)
    one = audit.activity().items[0]
    assert (one.action, set(one.metadata)) == ("snapshot", {"_bare"})


# --- whose rights -------------------------------------------------------------------------------


@pytest.fixture
def app(posts: Conn, db: str, connect: Connect, role: Callable[[], str]) -> Iterator[Conn]:
    """Somebody who may snapshot: what the functions that snapshot() calls need, and the table."""
    user = role()
    posts.execute(f"GRANT SELECT, UPDATE ON posts TO {user}".encode())
    Audit(posts).grant(user, as_="app")
    theirs = connect(db, user=user, autocommit=True)
    yield theirs
    posts.execute(f"DROP OWNED BY {user}".encode())


def test_by_somebody_without_rights_on_the_log(app: Conn, audit: Audit) -> None:
    app.execute("SELECT pgaudit_py.snapshot('posts', '1', 'theirs')")
    one = audit.activity().items[0]
    assert (one.operation, one.db_role, one.metadata["_label"]) == ("S", app.info.user, "theirs")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SELECT FROM pgaudit_py.activity_log")


FORGERIES = [
    "SELECT {call}",
    "DO $$BEGIN PERFORM {call}; END$$",
    "DO $$DECLARE v bigint := {call}; BEGIN END$$",
    """DO $$BEGIN EXECUTE 'SELECT {quoted} /*
PL/pgSQL function pgaudit_py.snapshot(text,text,text) line 1 at RETURN */'; END$$""",
    """CREATE FUNCTION pg_temp."pgaudit_py.snapshot"(text, text, text) RETURNS bigint LANGUAGE plpgsql AS
           'BEGIN RETURN {quoted}; END'; SELECT pg_temp."pgaudit_py.snapshot"('', '', '')""",
    """CREATE FUNCTION pg_temp.snapshot(text, text, text) RETURNS bigint LANGUAGE plpgsql AS
           'BEGIN RETURN {quoted}; END'; SELECT pg_temp.snapshot('', '', '')""",
    """CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE sql AS
           'SELECT {quoted} -- PL/pgSQL function pgaudit_py.snapshot(text,text,text) line 1'; SELECT pg_temp.f()""",
]


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_part_that_writes_cannot_be_called(app: Conn, audit: Audit, forgery: str) -> None:
    call = "pgaudit_py.snapshot_held('posts'::regclass, 'posts'::regclass, '(0,1)', 'posts', 'mine')"
    quoted = call.replace("'", "''")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only pgaudit_py"):
        app.execute(forgery.format(call=call, quoted=quoted).encode())
    assert audit.activity().items == ()


def test_by_somebody_who_may_only_read(app: Conn, posts: Conn, audit: Audit) -> None:
    posts.execute(f"REVOKE UPDATE ON posts FROM {app.info.user}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table posts"):
        app.execute("SELECT pgaudit_py.snapshot('posts', '1')")
    posts.execute(f"GRANT UPDATE ON posts TO {app.info.user}".encode())
    posts.execute("ALTER TABLE posts ENABLE ROW LEVEL SECURITY")
    with pytest.raises(psycopg.Error, match="there is no posts '1' now"):
        app.execute("SELECT pgaudit_py.snapshot('posts', '1')")
    assert audit.activity().items == ()


def test_a_table_that_the_owner_of_the_log_cannot_read(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    admin, keeper, owner = connect(bare_db, autocommit=True), role(), role()
    admin.execute(f'GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {keeper}'.encode())
    Audit(connect(bare_db, user=keeper, autocommit=True)).migrate()
    admin.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    audit = Audit(admin)
    audit.install("t")
    admin.execute(f"REVOKE SELECT ON t FROM {keeper}".encode())
    with pytest.raises(
        PrivilegeMissing, match=f"the owner of the log, {keeper}, cannot read table public.t"
    ) as refused:
        audit.snapshot("t", 1)
    assert f"GRANT SELECT ON public.t TO {keeper}" in (refused.value.hint or "")
    admin.execute(f"GRANT SELECT ON t TO {keeper}".encode())
    audit.snapshot("t", 1)
    # Nobody's policy is run as the owner of the log.
    admin.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (1 / 0 = 1)")
    with pytest.raises(PrivilegeMissing, match="row-level security"):
        audit.snapshot("t", 1)
    assert len(audit.activity()) == 1
    admin.execute(f"DROP OWNED BY {keeper}, {owner} CASCADE".encode())


def test_no_code_of_the_tables_owner_runs_as_the_owner_of_the_log(
    bare_db: str, connect: Connect, role: Callable[[], str]
) -> None:
    """The check of a domain is code: it may run as whoever calls, which here is the table's owner."""
    admin, keeper, owner = connect(bare_db, autocommit=True), role(), role()
    admin.execute(f'GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {keeper}'.encode())
    Audit(connect(bare_db, user=keeper, autocommit=True)).migrate()
    admin.execute(
        f"""CREATE SCHEMA theirs AUTHORIZATION {owner}; CREATE TABLE ran (who text); GRANT INSERT ON ran TO PUBLIC;
            SET ROLE {owner};
            CREATE FUNCTION theirs.evil(int) RETURNS boolean LANGUAGE plpgsql AS
                $$BEGIN INSERT INTO public.ran VALUES (current_user); RETURN true; END$$;
            CREATE DOMAIN theirs.d AS int CHECK (theirs.evil(VALUE));
            CREATE TABLE theirs.t (id theirs.d PRIMARY KEY); INSERT INTO theirs.t VALUES (1);
            GRANT USAGE ON SCHEMA theirs TO {keeper}; GRANT SELECT ON theirs.t TO {keeper};
            RESET ROLE""".encode()
    )
    audit = Audit(admin)
    audit.install("theirs.t")
    assert audit.snapshot("theirs.t", 1)
    assert (keeper,) not in admin.execute("SELECT DISTINCT who FROM ran").fetchall()
    admin.execute(f"DROP OWNED BY {keeper}, {owner} CASCADE".encode())


# --- awaited, and at the terminal --------------------------------------------------------------


def test_awaited(posts: Conn, audit: Audit, db: str) -> None:
    async def work() -> int:
        async with await psycopg.AsyncConnection.connect(db) as conn:
            return await AsyncAudit(conn).snapshot("posts", 1, label="awaited")

    assert asyncio.run(work()) == audit.versions("posts", 1)[0].id
    assert audit.record_at("posts", 1, at=datetime.now(UTC)) == {"id": 1, "title": "Tea", "n": 0}


def call(db: str, *arguments: str) -> Any:
    with pytest.raises(SystemExit) as done:
        main(["--dsn", db, *arguments])
    return done.value.code


def test_at_the_terminal(posts: Conn, audit: Audit, db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(db, "snapshot", "public.posts", "1", "--label", "here", "--causer", "7") == 0
    first = audit.activity().items[0]
    assert (capsys.readouterr().out, first.causer, first.metadata) == (
        f"{first.id}\n",
        "7",
        {"_label": "here"},
    )
    assert call(db, "-o", "json", "snapshot", "posts", "1") == 0
    assert json.loads(capsys.readouterr().out) == {"id": audit.activity().items[0].id}
    assert call(db, "snapshot", "posts", "9") == 1
    assert "error: there is no posts '9' now\nhint: Check the key" in capsys.readouterr().err
