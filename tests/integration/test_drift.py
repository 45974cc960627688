"""After any ALTER TABLE no write fails, no column goes unrecorded, and histories go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect

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
    if alteration not in {"rename the table", "move the table"}:
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
