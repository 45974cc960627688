"""After any ALTER TABLE no write fails, no column goes unrecorded, and histories go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect, Reload

pytestmark = pytest.mark.every_major

ALTERATIONS = {
    "add": "ALTER TABLE posts ADD added int",
    "add with default": "ALTER TABLE posts ADD added int DEFAULT 3",
    "drop": "ALTER TABLE posts DROP body",
    "drop the key": "ALTER TABLE posts DROP CONSTRAINT posts_pkey, DROP id",
    "rename": "ALTER TABLE posts RENAME body TO text",
    "rename the key": "ALTER TABLE posts RENAME id TO post_id",
    "retype": "ALTER TABLE posts ALTER n TYPE text",
    "retype the key": "ALTER TABLE posts ALTER id TYPE bigint",
    "retype to what JSON lacks": "ALTER TABLE posts ALTER n TYPE money USING n::money",
    "swap": "ALTER TABLE posts RENAME title TO x; ALTER TABLE posts RENAME body TO title; ALTER TABLE posts RENAME x TO body",
    "drop and add": "ALTER TABLE posts DROP body; ALTER TABLE posts ADD body int DEFAULT 7",
    "drop its type": "DROP TYPE mood CASCADE",
    "rename its type": "ALTER TYPE mood RENAME TO temper",
    "rename the table": "ALTER TABLE posts RENAME TO articles; CREATE VIEW posts AS SELECT * FROM articles",
    "move the table": "CREATE SCHEMA s; ALTER TABLE posts SET SCHEMA s; CREATE VIEW posts AS SELECT * FROM s.posts",
    "add generated": "ALTER TABLE posts ADD loud text GENERATED ALWAYS AS (upper(title)) STORED",
}

CREATE = """CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE posts (id int PRIMARY KEY, title text, body text, n int, feeling mood, doc jsonb)"""


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute(CREATE)
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'a', 'b', 1, 'sad', '1'), (2, 'c', 'd', 2, 'happy', NULL)")
    conn.execute("UPDATE posts SET body = 'e'")
    return conn


def columns(conn: Conn) -> list[str]:
    return [name for (name,) in conn.execute("""SELECT attname FROM pg_attribute
        WHERE attrelid = coalesce((SELECT tgrelid FROM pg_trigger WHERE tgname = '00_pgaudit_py'))
          AND attnum > 0 AND NOT attisdropped""")]  # fmt: skip


def set_all(conn: Conn) -> None:
    """Write to rows with whatever columns there are."""
    writable = "title" if "title" in columns(conn) else "body"
    conn.execute(f"UPDATE posts SET {writable} = {writable} || '!'".encode())


@pytest.mark.parametrize("alteration", ALTERATIONS)
@pytest.mark.parametrize("where", ["here", "elsewhere", "in one transaction"])
def test_an_alteration(
    posts: Conn, audit: Audit, db: str, connect: Connect, alteration: str, where: str
) -> None:
    other = connect(db, autocommit=True)
    set_all(other)  # its plans are cached now
    if where == "in one transaction":
        with posts.transaction():
            set_all(posts)
            posts.execute(ALTERATIONS[alteration].encode())
            set_all(posts)
            posts.execute(
                "DELETE FROM posts WHERE title LIKE 'a%' OR body LIKE 'a%'"
                if "body" in columns(posts) and alteration != "drop and add"
                else "DELETE FROM posts WHERE title LIKE 'a%'"
            )
    else:
        posts.execute(ALTERATIONS[alteration].encode())
        set_all(posts if where == "here" else other)
        set_all(other)
    last = audit.activity(subject="posts", action="updated").items[0]
    # A renamed type leaves the table as it is: sessions that know the table go on as before.
    if alteration not in {"rename the table", "move the table", "rename its type"}:
        assert last.snapshot is not None
        assert set(last.snapshot) | {"doc"} == set(columns(posts)) | {"doc"}
    assert last.omitted == {}
    assert audit.verify_table("posts") == []
    if alteration not in {"drop the key", "rename the table", "move the table"}:
        assert audit.install("posts").outcome == "updated"
        set_all(other)
        set_all(posts)
        assert "_drift" not in audit.activity().items[0].metadata


def test_histories_go_on_under_new_names(posts: Conn, audit: Audit) -> None:
    posts.execute("ALTER TABLE posts RENAME body TO text; ALTER TABLE posts ADD added int DEFAULT 3")
    posts.execute("UPDATE posts SET text = 'f' WHERE id = 1")
    audit.install("posts")
    posts.execute("UPDATE posts SET text = 'g', added = 4 WHERE id = 1")
    first, second, third, fourth = audit.versions("posts", 1)
    assert audit.version(first.id)["body"] == "b"
    assert audit.version(second.id)["body"] == "e"
    assert audit.version(third.id)["text"] == "f"
    assert audit.version(fourth.id)["text"] == "g"
    assert {name: (c.old, c.new) for name, c in audit.diff(first.id, fourth.id).items()} == {
        "text": ("b", "g"), "added": (None, 4),
    }  # fmt: skip
    plan = audit.plan_restore(version=first.id)
    assert plan.left_out == {"added": "added since"}
    audit.restore(plan)
    assert posts.execute("SELECT text, added FROM posts WHERE id = 1").fetchone() == ("b", 4)


def test_a_dropped_column_is_named(posts: Conn, audit: Audit) -> None:
    posts.execute("ALTER TABLE posts DROP body; DELETE FROM posts WHERE id = 1")
    plan = audit.plan_restore(version=audit.versions("posts", 1)[0].id)
    assert plan.left_out == {"body": "dropped since"}
    audit.restore(plan)


def test_an_alteration_that_is_taken_back(posts: Conn, audit: Audit) -> None:
    with posts.transaction():
        with posts.transaction(force_rollback=True):
            posts.execute("ALTER TABLE posts ADD added int DEFAULT 3; UPDATE posts SET n = 5")
        posts.execute("UPDATE posts SET n = 6 WHERE id = 1")
    posts.execute("UPDATE posts SET n = 7 WHERE id = 1")
    for one in audit.activity(subject=("posts", 1), action="updated", limit=2):
        assert (one.metadata, list(one.changes), one.snapshot) == ({}, ["n"], None)


def test_nobody_can_forge_that_a_table_is_as_it_was(posts: Conn, audit: Audit) -> None:
    posts.execute("UPDATE posts SET n = 5 WHERE id = 1")
    token = posts.execute("SELECT current_setting('pgaudit_py.shape_1')").fetchone()
    assert token is not None
    assert token[0]
    posts.execute("ALTER TABLE posts ADD added int DEFAULT 3")
    for forged in (*token, "", "x"):
        posts.execute("SELECT set_config('pgaudit_py.shape_1', %s, false)", [forged])
        posts.execute("UPDATE posts SET n = n + 1 WHERE id = 1")
        assert audit.activity().items[0].snapshot is not None, forged


@pytest.mark.unverified("a trigger on another table writes its rows into the log of this one")
def test_what_a_session_found_outlasts_our_trigger_on_another_table(posts: Conn, audit: Audit) -> None:
    """The function knows the other one by its oid, and asks the catalog for each of its rows: not for those of its own."""
    posts.execute("CREATE TABLE twin (LIKE posts)")
    posts.execute(
        "CREATE TRIGGER stray AFTER INSERT ON twin FOR EACH ROW EXECUTE FUNCTION pgaudit_py.capture_1()"
    )
    posts.execute("UPDATE posts SET n = 5 WHERE id = 1")
    token = posts.execute("SELECT current_setting('pgaudit_py.shape_1')").fetchone()
    assert token != ("",)
    posts.execute("INSERT INTO twin SELECT * FROM posts WHERE id = 1")
    assert posts.execute("SELECT current_setting('pgaudit_py.shape_1')").fetchone() == token


def test_a_copy_that_waited_for_the_alteration(posts: Conn, audit: Audit, db: str, connect: Connect) -> None:
    other = connect(db, autocommit=True)
    set_all(other)

    def load() -> None:
        with other.cursor() as cursor, cursor.copy("COPY posts (id, title) FROM STDIN") as copy:
            copy.write_row((3, "copied"))

    with ThreadPoolExecutor(1) as pool:
        with posts.transaction():
            posts.execute("ALTER TABLE posts ADD added int DEFAULT 3")
            loading = pool.submit(load)
            while posts.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s", [other.info.backend_pid]
            ).fetchone() == (0,):
                time.sleep(0.01)
        loading.result(10)
    other.execute("INSERT INTO posts (id, title) VALUES (4, 'inserted')")
    for one in audit.activity(action="created", limit=2):
        assert one.snapshot is not None
        assert one.snapshot["added"] == 3


LEVELS = ["REPEATABLE READ", "SERIALIZABLE"]


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("level", LEVELS)
def test_a_snapshot_older_than_the_alteration(
    posts: Conn, audit: Audit, db: str, connect: Connect, level: str, fresh: bool
) -> None:
    """Its catalog is still the one without the column; its statements know the column all the same."""
    other = connect(db, autocommit=True)
    if not fresh:
        set_all(other)
    with old_snapshot(other, level):
        posts.execute("ALTER TABLE posts ADD added int DEFAULT 3, ADD more text")
        other.execute("UPDATE posts SET more = 'x' WHERE id = 1")
        other.execute("INSERT INTO posts (id, more) VALUES (3, 'y')")
        kept = other.execute("SELECT current_setting('pgaudit_py.shape_1', true)").fetchone()
    created, updated = audit.activity(limit=2)
    assert {name: (c.old, c.new) for name, c in updated.changes.items()} == {"more": (None, "x")}
    for one in (created, updated):
        assert one.snapshot is not None
        assert (one.snapshot["added"], "_drift" in one.metadata) == (3, True)
    assert kept is not None
    posts.execute("SELECT set_config('pgaudit_py.shape_1', %s, false)", [kept[0] or "x"])
    posts.execute("UPDATE posts SET more = 'z' WHERE id = 1")
    assert list(audit.activity().items[0].changes) == ["more"]


@pytest.mark.parametrize("kind", ["ALWAYS", "BY DEFAULT"])
@pytest.mark.parametrize("level", LEVELS)
def test_an_identity_that_an_old_snapshot_shows_otherwise(
    conn: Conn, audit: Audit, db: str, connect: Connect, level: str, kind: str
) -> None:
    """No value may be given for it either, as for a generated column; but it is a column like any other."""
    conn.execute(f"CREATE TABLE t (id int GENERATED {kind} AS IDENTITY PRIMARY KEY, name text)".encode())
    audit.install("t")
    conn.execute("INSERT INTO t (name) VALUES ('Ana'), ('Bo')")
    other = connect(db, autocommit=True)
    with old_snapshot(other, level):
        conn.execute("ALTER TABLE t RENAME id TO number; ALTER TABLE t ADD seq int DEFAULT 5")
        other.execute("UPDATE t SET name = 'Bea' WHERE name = 'Ana'; DELETE FROM t WHERE name = 'Bo'")
    conn.execute("CREATE TABLE u (id int PRIMARY KEY)")
    audit.install("u")
    with old_snapshot(other, level):
        conn.execute(f"ALTER TABLE u ADD seq int GENERATED {kind} AS IDENTITY".encode())
        other.execute("INSERT INTO u VALUES (7)")
    created, deleted, updated = audit.activity(limit=3)
    assert created.snapshot == {"id": 7, "seq": 1}
    assert (updated.subject_id, updated.snapshot) == ("1", {"number": 1, "name": "Bea", "seq": 5})
    assert (deleted.subject_id, deleted.snapshot) == ("2", {"number": 2, "name": "Bo", "seq": 5})


@pytest.mark.parametrize("level", LEVELS)
def test_a_snapshot_older_than_the_table(
    posts: Conn, audit: Audit, db: str, connect: Connect, level: str
) -> None:
    other = connect(db, autocommit=True)
    with old_snapshot(other, level):
        posts.execute("CREATE TABLE late (id int PRIMARY KEY, n int)")
        audit.install("late")
        other.execute("INSERT INTO late VALUES (1, 1); UPDATE late SET n = 2")
    assert [one.operation for one in audit.activity(subject=("late", 1))] == ["U", "I"]
    assert audit.activity(subject=("late", 1)).items[0].snapshot == {"id": 1, "n": 2}


@pytest.mark.parametrize("level", LEVELS)
def test_an_old_snapshot_makes_nobody_a_superuser(
    conn: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str], level: str
) -> None:
    owner = role()
    conn.execute(
        f"CREATE SCHEMA theirs AUTHORIZATION {owner}; CREATE TABLE theirs.v (id int PRIMARY KEY, c int)".encode()
    )
    conn.execute(f"ALTER TABLE theirs.v OWNER TO {owner}".encode())
    audit.install("theirs.v")
    theirs, other = (connect(db, user=owner, autocommit=True) for _ in range(2))
    theirs.execute(
        """CREATE TYPE theirs.ev AS ENUM ('a', 'b');
           CREATE FUNCTION theirs.evil(theirs.ev) RETURNS json LANGUAGE plpgsql AS
               $$BEGIN RAISE EXCEPTION 'run as %', current_user; END$$;
           CREATE CAST (theirs.ev AS json) WITH FUNCTION theirs.evil(theirs.ev)"""
    )
    with old_snapshot(other, level):
        theirs.execute("ALTER TABLE theirs.v ALTER c TYPE theirs.ev USING 'a'")
        other.execute("INSERT INTO theirs.v VALUES (1, 'b'); TRUNCATE theirs.v")
    snapshots = [one.snapshot for one in audit.activity() if one.snapshot]
    assert snapshots == [{"id": 1, "c": "b"}, {"id": 1, "c": "b"}]
    conn.execute(f"DROP OWNED BY {owner} CASCADE".encode())


@pytest.mark.parametrize("level", LEVELS)
def test_a_truncate_under_an_old_snapshot(
    posts: Conn, audit: Audit, db: str, connect: Connect, level: str
) -> None:
    other = connect(db, autocommit=True)
    with old_snapshot(other, level):
        posts.execute("INSERT INTO posts (id) VALUES (77)")
        other.execute("TRUNCATE posts")  # takes the row that it does not see
    assert [entry.action for entry in audit.history("posts", 77)] == ["created", "truncated"]


@contextmanager
def old_snapshot(conn: Conn, level: str) -> Iterator[None]:
    with conn.transaction():
        conn.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
        conn.execute("SELECT FROM pg_class LIMIT 1")
        yield


@pytest.mark.parametrize("new_type", ["int", "bigint"])
def test_an_alteration_that_changes_values(conn: Conn, audit: Audit, new_type: str) -> None:
    """No trigger sees it: values of another type are compared with no older ones, those of the same type are missed."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 10), (2, 20)")
    conn.execute(f"ALTER TABLE t ALTER n TYPE {new_type} USING n * 2".encode())
    missed = [(one.problem, one.field, one.found_value) for one in audit.verify_table("t")]
    held = "the table holds another value"
    assert missed == ([(held, "n", 20), (held, "n", 40)] if new_type == "int" else [])
    conn.execute("UPDATE t SET n = n + 1 WHERE id = 1")
    assert audit.activity().items[0].changes["n"].old == 20
    audit.sync("t")
    audit.baseline("t", again=True)
    for key, n in ((1, 21), (2, 40)):
        assert [(one.state or {})["n"] for one in audit.history("t", key)][-1] == n
    conn.execute("TRUNCATE t")
    if new_type == "int":
        conn.execute("DROP TABLE t")


def test_another_collation(posts: Conn, audit: Audit) -> None:
    posts.execute('ALTER TABLE posts ALTER title TYPE text COLLATE "C"; UPDATE posts SET n = 5 WHERE id = 1')
    assert "_drift" in audit.activity().items[0].metadata


def test_names_made_to_look_alike(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (a int, b int, PRIMARY KEY (a))")
    audit.install("t")
    conn.execute('ALTER TABLE t DROP b; ALTER TABLE t RENAME a TO "a\n2 23 0 b"; INSERT INTO t VALUES (1)')
    assert "_drift" in audit.activity().items[0].metadata


def test_another_key(posts: Conn, audit: Audit) -> None:
    posts.execute("ALTER TABLE posts DROP CONSTRAINT posts_pkey, ADD PRIMARY KEY (title)")
    posts.execute("UPDATE posts SET n = 9 WHERE id = 1; TRUNCATE posts")
    _, *deleted, updated = audit.activity(limit=4)
    assert (updated.subject_id, sorted(one.subject_id or "" for one in deleted)) == ("1", ["1", "2"])


def test_a_database_restored_from_a_dump(posts: Conn, db: str, reload: Reload) -> None:
    conn = reload(db)
    restored = Audit(conn)
    conn.execute("UPDATE posts SET n = 5 WHERE id = 1")
    assert restored.activity().items[0].metadata == {}
    conn.execute("ALTER TABLE posts ADD added int DEFAULT 3; UPDATE posts SET n = 6 WHERE id = 1")
    assert "_drift" in restored.activity().items[0].metadata
    assert restored.install("posts").outcome == "updated"
    conn.execute("UPDATE posts SET n = 7 WHERE id = 1")
    assert restored.activity().items[0].metadata == {}
    assert restored.verify_table("posts") == []
    assert [entry.operation for entry in restored.history("posts", 1)] == ["I", "U", "U", "U", "U"]


def test_without_superuser(bare_db: str, connect: Connect, role: Callable[[], str]) -> None:
    admin = connect(bare_db, autocommit=True)
    owner = role()
    admin.execute(f"CREATE SCHEMA theirs AUTHORIZATION {owner}".encode())
    admin.execute(f'GRANT CREATE ON DATABASE "{admin.info.dbname}" TO {owner}'.encode())
    conn = connect(bare_db, user=owner, autocommit=True)
    audit = Audit(conn)
    audit.migrate()
    conn.execute("SET search_path = theirs; " + CREATE)
    audit.install("posts")
    conn.execute("INSERT INTO posts VALUES (1, 'a')")
    conn.execute("ALTER TABLE posts ADD added int DEFAULT 3; UPDATE posts SET title = 'b'")
    assert audit.activity().items[0].snapshot == {
        "id": 1, "title": "b", "body": None, "n": None, "feeling": None, "added": 3,
    }  # fmt: skip
    assert audit.verify_table("theirs.posts") == []
    audit.restore(version=audit.versions("theirs.posts", 1)[0].id)
    conn.execute("TRUNCATE posts")
    assert audit.drop_schema() == ["theirs.posts"]
    admin.execute(f"DROP OWNED BY {owner}".encode())


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize(
    "ddl",
    [
        "ALTER TABLE posts ALTER body TYPE mood USING NULL",
        "ALTER TABLE posts ALTER title TYPE int USING 1",
        "ALTER TABLE posts ALTER n TYPE text COLLATE \"C\" USING 'n'",
        'ALTER TABLE posts ALTER title TYPE text COLLATE "C"',
        "ALTER TABLE posts DROP title, ADD title int",
        "ALTER TABLE posts RENAME title TO x; ALTER TABLE posts ADD title int",
        "ALTER TABLE posts RENAME title TO x; ALTER TABLE posts RENAME n TO title; ALTER TABLE posts RENAME x TO n",
        'CREATE DOMAIN late AS text COLLATE "C"; ALTER TABLE posts ALTER title TYPE late',
        "CREATE TYPE late AS ENUM ('a'); ALTER TABLE posts ALTER title TYPE late USING NULL",
        "CREATE TYPE late AS (n int, t text); ALTER TABLE posts ALTER title TYPE late USING NULL",
    ],
)
def test_a_type_that_an_old_snapshot_does_not_know(
    posts: Conn, audit: Audit, db: str, connect: Connect, ddl: str, isolation: str
) -> None:
    old = connect(db)
    old.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}".encode())
    old.execute("SELECT FROM pg_class LIMIT 1")
    posts.execute(ddl.encode())
    old.execute("INSERT INTO posts (id) VALUES (7)")
    old.execute("INSERT INTO posts (id) VALUES (8)")
    old.execute("DELETE FROM posts WHERE id = 8")
    old.commit()
    assert [(one.operation, one.subject_id) for one in audit.activity(limit=3)] == [
        ("D", "8"),
        ("I", "8"),
        ("I", "7"),
    ]
    assert (audit.activity(limit=1).items[0].snapshot or {})["id"] == 8  # of a known type, so not as text
    posts.execute("UPDATE posts SET id = 9 WHERE id = 7")
    assert audit.verify_table("posts") == []
