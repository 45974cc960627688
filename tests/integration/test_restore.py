"""A record goes back to what it was: planned first, exact, in the caller's transaction and with the caller's rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit, restore, set_actor
from pgaudit_py.errors import (
    NoKey,
    OptionError,
    PrivilegeMissing,
    RestoreConflict,
    RestoreImpossible,
    VersionNotFound,
)
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major

POSTS = """CREATE TABLE posts (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title text NOT NULL, tags text[], price numeric(8, 2),
    doc jsonb DEFAULT '{"fresh": true}', loud text GENERATED ALWAYS AS (upper(title)) STORED)"""


@pytest.fixture
def posts(conn: Conn, audit: Audit) -> Conn:
    conn.execute(POSTS)
    audit.install("posts")
    conn.execute(
        "INSERT INTO posts (title, tags, price, doc) VALUES ('Tea', '{hot}', 1.50, NULL), ('Mate', NULL, 2, '1')"
    )
    return conn


def row(conn: Conn, key: int = 1) -> Any:
    return conn.execute("SELECT * FROM posts WHERE id = %s", [key]).fetchone()


def now(conn: Conn) -> datetime:
    found = conn.execute("SELECT clock_timestamp()").fetchone()
    assert found is not None
    moment: datetime = found[0]
    return moment


def test_an_update_is_taken_back(posts: Conn, audit: Audit) -> None:
    before = row(posts)
    posts.execute("UPDATE posts SET title = 'Coffee', price = 9, doc = '{}' WHERE id = 1")
    created = audit.versions("posts", 1)[0]
    plan = audit.plan_restore(version=created.id)
    assert plan.operation == "update"
    assert {name: (c.old, c.new) for name, c in plan.changes.items()} == {
        "title": ("Coffee", "Tea"),
        "price": (9, plan.changes["price"].new),
        "doc": ({}, None),
    }
    assert plan.left_out == {"loud": "generated"}
    assert row(posts) != before  # nothing is written by a plan
    with posts.transaction():
        set_actor(posts, 7, metadata={"why": "typo"})
        audit.restore(plan)
        posts.execute("UPDATE posts SET title = 'Kaffee' WHERE id = 2")
    assert row(posts) == before
    later, restored = audit.activity(limit=2)
    assert (restored.action, restored.operation, restored.causer) == ("restored", "U", "7")
    assert restored.metadata == {"why": "typo", "_restored_from": created.id}
    assert (later.action, later.metadata, later.causer) == ("updated", {"why": "typo"}, "7")


def test_a_deleted_record_comes_back_and_can_be_restored_again(posts: Conn, audit: Audit) -> None:
    before = row(posts)
    posts.execute("DELETE FROM posts WHERE id = 1")
    deletion = audit.activity(action="deleted").items[0]
    done = restore(posts, deletion.id)
    assert done.operation == "insert"
    assert row(posts) == before  # doc is NULL, not its default
    posts.execute("UPDATE posts SET title = 'Matcha' WHERE id = 1")
    assert audit.restore(version=deletion.id).operation == "update"
    assert row(posts) == before
    # The restore is itself a version that one can go back to.
    restored = audit.activity(action="restored").items[-1]
    posts.execute("DELETE FROM posts WHERE id = 1")
    audit.restore(version=restored.id)
    assert row(posts) == before
    assert [entry.life for entry in audit.history("posts", 1)] == [1, 1, 2, 2, 2, 2, 3]


def test_the_sequence_moves_on_past_a_restored_key(posts: Conn, audit: Audit) -> None:
    posts.execute("DELETE FROM posts WHERE id = 2")
    posts.execute("ALTER TABLE posts ALTER id RESTART WITH 1")
    audit.restore(version=audit.activity(action="deleted").items[0].id)
    posts.execute("INSERT INTO posts (title) VALUES ('next')")
    assert posts.execute("SELECT max(id) FROM posts").fetchone() == (3,)


def test_to_a_time(posts: Conn, audit: Audit) -> None:
    before, at = row(posts), now(posts)
    posts.execute("UPDATE posts SET title = 'a' WHERE id = 1")
    posts.execute("UPDATE posts SET title = 'b' WHERE id = 1")
    assert audit.restore(subject=("posts", 1), at=at).operation == "update"
    assert row(posts) == before
    assert audit.restore(subject=("posts", 1), at=at).operation == "none"


def test_to_a_time_when_it_was_not_there(posts: Conn, audit: Audit) -> None:
    at = now(posts)
    posts.execute("INSERT INTO posts (title) VALUES ('late')")
    assert audit.restore(subject=("posts", 3), at=at).operation == "delete"
    assert row(posts, 3) is None
    assert audit.restore(subject=("posts", 3), at=at).operation == "none"


def test_a_record_older_than_its_trail(conn: Conn, audit: Audit) -> None:
    conn.execute(POSTS + "; INSERT INTO posts (title) VALUES ('old')")
    before = row(conn)
    audit.install("posts")
    at = now(conn)
    assert audit.record_at("posts", 1, at=at)["title"] == "old"  # type: ignore[index]
    conn.execute("UPDATE posts SET title = 'new'")
    conn.execute("DELETE FROM posts")
    audit.restore(subject=("posts", 1), at=at)
    assert row(conn) == before


def test_a_key_that_changed_is_followed(posts: Conn, audit: Audit) -> None:
    posts.execute("CREATE TABLE plain (id int PRIMARY KEY, n int)")
    audit.install("plain")
    posts.execute("INSERT INTO plain VALUES (1, 1)")
    posts.execute("UPDATE plain SET id = 5, n = 2")
    posts.execute("UPDATE plain SET n = 3")
    audit.restore(version=audit.versions("plain", 5)[0].id)
    assert posts.execute("SELECT * FROM plain").fetchall() == [(1, 1)]


def test_a_record_that_changed_since_is_refused(posts: Conn, audit: Audit) -> None:
    posts.execute("UPDATE posts SET title = 'a' WHERE id = 1")
    plan = audit.plan_restore(version=audit.versions("posts", 1)[0].id)
    posts.execute("UPDATE posts SET title = 'b' WHERE id = 1")
    with pytest.raises(RestoreConflict, match="changed since"):
        audit.restore(plan)
    assert row(posts)[1] == "b"


def test_a_key_that_is_taken_is_refused(posts: Conn, audit: Audit) -> None:
    posts.execute("DELETE FROM posts WHERE id = 1")
    posts.execute("INSERT INTO posts (id, title) OVERRIDING SYSTEM VALUE VALUES (1, 'other')")
    plan = audit.plan_restore(version=audit.activity(action="deleted").items[0].id)
    assert plan.conflict == "the key 1 is taken by another record"
    with posts.transaction(), pytest.raises(RestoreConflict, match="taken"):
        audit.restore(plan)
    assert row(posts)[1] == "other"


def test_what_the_tables_trigger_makes_otherwise_is_reported(posts: Conn, audit: Audit) -> None:
    posts.execute("UPDATE posts SET title = 'a', price = 5 WHERE id = 1")
    posts.execute(
        """CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN NEW.title := NEW.title || '!'; RETURN NEW; END$$;
           CREATE TRIGGER shout BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION shout()"""
    )
    done = audit.restore(version=audit.versions("posts", 1)[0].id)
    assert done.differs == ("title",)
    assert row(posts)[1] == "Tea!"


@pytest.mark.parametrize("operation", ["INSERT", "UPDATE", "DELETE"])
def test_what_a_trigger_stops_is_refused(posts: Conn, audit: Audit, operation: str) -> None:
    wanted: dict[str, Any]
    if operation == "INSERT":
        posts.execute("DELETE FROM posts WHERE id = 1")
        wanted = {"version": audit.activity(action="deleted").items[0].id}
    else:
        at = now(posts)
        posts.execute("UPDATE posts SET title = 'a', price = 5; INSERT INTO posts (title) VALUES ('new')")
        wanted = {"subject": ("posts", 1 if operation == "UPDATE" else 3), "at": at}
    posts.execute(
        f"""CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
            CREATE TRIGGER stop BEFORE {operation} ON posts FOR EACH ROW EXECUTE FUNCTION stop()""".encode()
    )
    last = audit.activity().items[0]
    with pytest.raises(RestoreImpossible, match=f"the {operation.lower()} of posts had no effect"):
        audit.restore(**wanted)
    assert audit.activity().items[0] == last


def test_a_foreign_key_in_the_way_leaves_the_transaction_usable(posts: Conn, audit: Audit) -> None:
    posts.execute(
        "CREATE TABLE comments (id int PRIMARY KEY, post_id int REFERENCES posts ON DELETE CASCADE)"
    )
    audit.install("comments")
    posts.execute("INSERT INTO comments VALUES (1, 1)")
    posts.execute("DELETE FROM posts WHERE id = 1")
    comment = audit.activity(subject="comments", action="deleted").items[0]
    post = audit.activity(subject="posts", action="deleted").items[0]
    assert comment.transaction_id == post.transaction_id
    assert post.id < comment.id
    with posts.transaction():
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            audit.restore(version=comment.id)
        audit.restore(version=post.id)
        audit.restore(version=comment.id)
    assert posts.execute("SELECT * FROM comments").fetchall() == [(1, 1)]


def test_a_restore_stays_open_in_the_callers_transaction(
    posts: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    posts.execute("DELETE FROM posts WHERE id = 1")
    other = connect(db)
    deletion = audit.activity(action="deleted").items[0].id
    Audit(other).restore(version=deletion)
    other.rollback()
    assert row(posts) is None
    restore(other, deletion)
    other.commit()
    assert row(posts) is not None


def test_the_callers_own_rights_hold(posts: Conn, audit: Audit, restorer: Conn) -> None:
    user = restorer.info.user
    posts.execute("UPDATE posts SET title = 'a' WHERE id = 1")
    version = audit.versions("posts", 1)[0].id
    posts.execute(f"GRANT SELECT ON posts TO {user}")
    with pytest.raises(PrivilegeMissing):
        restore(restorer, version)
    posts.execute(f"GRANT UPDATE (title) ON posts TO {user}")
    restore(restorer, version)
    assert row(posts)[1] == "Tea"


@pytest.fixture
def restorer(posts: Conn, audit: Audit, db: str, connect: Connect, role: Any) -> Any:
    """Somebody who was granted to restore, and has on `posts` what a test grants."""
    user = role()
    audit.grant(user, as_="restorer")
    yield connect(db, user=user, autocommit=True)
    posts.execute(f"DROP OWNED BY {user}")


def test_row_security_holds_in_a_restore(posts: Conn, audit: Audit, restorer: Conn) -> None:
    """A real login whose policy shows one of two rows: it restores that one, and is told that it cannot the other."""
    user = restorer.info.user
    posts.execute("UPDATE posts SET title = title || '!'")
    posts.execute(f"GRANT SELECT, UPDATE, INSERT, DELETE ON posts TO {user}")
    posts.execute("ALTER TABLE posts ENABLE ROW LEVEL SECURITY")
    posts.execute(f"CREATE POLICY one ON posts TO {user} USING (id = 1)")
    with restorer.transaction():
        set_actor(restorer, "theirs")
        assert Audit(restorer).restore(version=audit.versions("posts", 1)[0].id).operation == "update"
    assert row(posts, 1)[1] == "Tea"
    restored = audit.activity(action="restored").items[0]
    assert (restored.causer, restored.db_role) == ("theirs", user)
    with pytest.raises((PrivilegeMissing, RestoreImpossible, psycopg.errors.UniqueViolation)):
        Audit(restorer).restore(version=audit.versions("posts", 2)[0].id)
    assert row(posts, 2)[1] == "Mate!"
    posts.execute("DELETE FROM posts WHERE id = 2")
    with pytest.raises(PrivilegeMissing, match="row-level security"):
        Audit(restorer).restore(version=audit.activity(action="deleted").items[0].id)
    assert row(posts, 2) is None


def test_rights_on_columns_hold_in_a_restore(posts: Conn, audit: Audit, restorer: Conn) -> None:
    """What may not be read or written is not, and nothing is half done."""
    user = restorer.info.user
    version = audit.versions("posts", 1)[0].id
    posts.execute("UPDATE posts SET title = 'a', price = 9 WHERE id = 1")
    posts.execute(f"GRANT SELECT, UPDATE (title) ON posts TO {user}")
    with pytest.raises(PrivilegeMissing):
        restore(restorer, version)
    assert row(posts)[1] == "a"
    posts.execute(f"GRANT UPDATE (price) ON posts TO {user}")
    restore(restorer, version)
    assert row(posts)[1] == "Tea"
    posts.execute("DELETE FROM posts WHERE id = 1")
    with pytest.raises(PrivilegeMissing):
        restore(restorer, version)
    assert row(posts) is None


def test_a_restored_row_is_exact_and_its_sequence_moves_on(posts: Conn, audit: Audit) -> None:
    """Identity ALWAYS, a stored generated column, defaults that were overruled; by the bytes."""
    posts.execute("CREATE TABLE kept AS SELECT * FROM posts")
    posts.execute("DELETE FROM posts; ALTER TABLE posts ALTER id RESTART WITH 1")
    for deletion in audit.activity(action="deleted"):
        assert audit.restore(version=deletion.id).left_out == {"loud": "generated"}
    same = "SELECT count(*) FROM posts AS p JOIN kept AS k USING (id) WHERE record_image_eq(p, k)"
    assert posts.execute(same.replace("record_image_eq(p, k)", "p *= k")).fetchone() == (2,)
    posts.execute("INSERT INTO posts (title) VALUES ('next'), ('and next')")
    assert posts.execute("SELECT array_agg(id ORDER BY id) FROM posts").fetchone() == ([1, 2, 3, 4],)


def test_what_cannot_be_restored(posts: Conn, audit: Audit) -> None:
    with pytest.raises(VersionNotFound, match="4711"):
        audit.plan_restore(version=4711)
    with pytest.raises(VersionNotFound):
        audit.version(audit.log("login"))
    with pytest.raises(VersionNotFound, match="begins at"):
        audit.plan_restore(subject=("posts", 1), at=datetime.now(UTC) - timedelta(days=1))
    for wrong in ({}, {"version": 1, "at": now(posts)}, {"subject": ("posts", 1)}):
        with pytest.raises(OptionError):
            audit.plan_restore(**wrong)
    posts.execute("CREATE TABLE keyless (n int)")
    audit.install("keyless")
    posts.execute("INSERT INTO keyless VALUES (1)")
    (created,) = audit.activity(subject="keyless")
    assert audit.version(created.id) == {"n": 1}
    with pytest.raises(NoKey, match="keyless"):
        audit.restore(version=created.id)
    version = audit.versions("posts", 1)[0].id
    posts.execute("DROP TABLE posts")
    with pytest.raises(RestoreImpossible, match="gone"):
        audit.restore(version=version)


@pytest.mark.parametrize(
    ("session", "causer", "marks"),
    [
        ("", None, {}),
        ("SET pgaudit_py.causer_id = 'mallory'", "mallory", {"_bare": True}),
        ("SET pgaudit_py.causer_id = 'leaked'; SET pgaudit_py.stamp = '1'", None, {"_stale": True}),
        ("SET pgaudit_py.ip = 'somewhere'", None, {"_bare": True, "_ip": "somewhere"}),
    ],
)
def test_a_restore_makes_no_actor_true(
    posts: Conn, audit: Audit, session: str, causer: str | None, marks: dict[str, object]
) -> None:
    version = audit.versions("posts", 1)[0].id
    posts.execute("UPDATE posts SET title = 'changed' WHERE id = 1")
    posts.execute(session.encode())
    with posts.transaction():
        audit.restore(version=version)
        audit.log("after")
    after, restored = audit.activity(limit=2)
    assert (restored.action, restored.causer_id) == ("restored", causer)
    assert restored.metadata == marks | {"_restored_from": version}
    assert (after.action, after.causer_id, after.metadata) == ("after", causer, marks)


def test_marks_survive_metadata_that_fill_their_limit(posts: Conn, audit: Audit) -> None:
    version = audit.versions("posts", 1)[0].id
    posts.execute("UPDATE posts SET title = 'changed' WHERE id = 1")
    with posts.transaction():
        set_actor(posts, 7, metadata={"long": "x" * 8170})
        audit.restore(version=version)
    metadata = audit.activity().items[0].metadata
    assert metadata["_restored_from"] == version
    assert len(metadata["_invalid"]) == 512


@pytest.mark.parametrize(
    ("column", "rows", "back", "following"),
    [
        ("int GENERATED BY DEFAULT AS IDENTITY (START WITH 1000)", [5], 5, 1000),
        ("int GENERATED BY DEFAULT AS IDENTITY (START WITH 5)", [5], 5, 6),
        ("int GENERATED BY DEFAULT AS IDENTITY", [0], 0, 1),
        ("int GENERATED BY DEFAULT AS IDENTITY", [7], 7, 8),
        ("int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1)", [-7], -7, -8),
        ("serial", [3_000_000_000], 3_000_000_000, 1),
    ],
)
def test_sequences_are_moved_on_and_never_back(
    conn: Conn, audit: Audit, column: str, rows: list[int], back: int, following: int
) -> None:
    conn.execute(
        f"CREATE TABLE s (id {column} PRIMARY KEY, n int); ALTER TABLE s ALTER id TYPE bigint".encode()
    )
    audit.install("s")
    for row in rows:
        conn.execute("INSERT INTO s (id) VALUES (%s)", [row])
    conn.execute("DELETE FROM s")
    audit.restore(version=audit.versions("s", back)[0].id)
    assert conn.execute("INSERT INTO s (n) VALUES (1) RETURNING id").fetchone() == (following,)


def test_a_sequence_that_one_may_use_and_not_read(
    conn: Conn, audit: Audit, db: str, connect: Connect, role: Callable[[], str]
) -> None:
    user = role()
    conn.execute("CREATE TABLE s (id serial PRIMARY KEY)")
    conn.execute(
        f"""GRANT USAGE, UPDATE ON SEQUENCE s_id_seq TO {user}; GRANT USAGE ON SCHEMA pgaudit_py TO {user};
            GRANT EXECUTE ON FUNCTION pgaudit_py.advance_sequences TO {user}""".encode()
    )
    theirs = connect(db, user=user, autocommit=True)
    for value, following in ((5, 6), (2, 7)):
        theirs.execute(
            "SELECT pgaudit_py.advance_sequences('s'::regclass, %s::jsonb)", [f'{{"id": {value}}}']
        )
        assert conn.execute("SELECT nextval('s_id_seq')").fetchone() == (following,)
    conn.execute(f"DROP OWNED BY {user}".encode())


@pytest.mark.parametrize("synced", [False, True])
@pytest.mark.parametrize(
    "types", [("json", "jsonb"), ("jsonb", "json"), ("text", "jsonb"), ("jsonb", "text")]
)
def test_a_document_whose_column_has_another_type_since(
    conn: Conn, audit: Audit, types: tuple[str, str], synced: bool
) -> None:
    """What is a string in the log is a document in a jsonb, and null there is another thing than SQL NULL."""
    was, now_is = types
    conn.execute(f"CREATE TABLE s (id int PRIMARY KEY, doc {was})".encode())
    audit.install("s")
    documents = [None, "null", '{"a": 1.50}', '"text"', "5"]
    for number, document in enumerate(documents):
        conn.execute("INSERT INTO s VALUES (%s, %s)", [number, document])
    conn.execute(f"ALTER TABLE s ALTER doc TYPE {now_is} USING doc::text::{now_is}".encode())
    if synced:
        audit.sync("s")
    before = conn.execute("SELECT id, doc::text FROM s ORDER BY id").fetchall()
    assert before == list(enumerate(documents))
    conn.execute("UPDATE s SET doc = '[]'")
    for number in range(len(documents)):
        audit.restore(version=audit.versions("s", number)[0].id)
    assert conn.execute("SELECT id, doc::text FROM s ORDER BY id").fetchall() == before


def test_a_text_that_is_no_document(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE s (id int PRIMARY KEY, n int, doc text)")
    audit.install("s")
    conn.execute("INSERT INTO s VALUES (1, 1, 'Tea')")
    conn.execute("ALTER TABLE s ALTER doc TYPE jsonb USING to_jsonb(doc); UPDATE s SET n = 2, doc = '[]'")
    plan = audit.restore(version=audit.versions("s", 1)[0].id)
    assert plan.left_out == {"doc": "of another type since, which it does not fit"}
    assert conn.execute("SELECT n, doc FROM s").fetchall() == [(1, [])]
