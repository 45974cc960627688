"""Generated columns follow from the others: stored ones are recorded, virtual ones are not, neither is restored."""

from __future__ import annotations

from typing import Any

import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import RestoreConflict
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major


@pytest.fixture
def kind(conn: Conn, request: pytest.FixtureRequest) -> str:
    found: str = request.param
    if found == "VIRTUAL" and conn.info.server_version < 180000:
        pytest.skip("PostgreSQL has no virtual generated columns before 18")
    return found


both = pytest.mark.parametrize("kind", ["STORED", "VIRTUAL"], indirect=True)


def loud(kind: str, value: Any) -> dict[str, Any]:
    """What a state has of the generated column."""
    return {"loud": value} if kind == "STORED" else {}


def rows(conn: Conn) -> list[Any]:
    return conn.execute("SELECT * FROM t ORDER BY id").fetchall()


@both
@pytest.mark.parametrize("snapshots", ["changes", "all"])
def test_a_generated_column(conn: Conn, audit: Audit, kind: str, snapshots: Any) -> None:
    conn.execute(
        f"""CREATE TABLE t (id int PRIMARY KEY, loud text GENERATED ALWAYS AS (upper(title)) {kind}, title text, n int)""".encode()
    )
    audit.install("t", snapshots=snapshots)
    conn.execute("INSERT INTO t (id, title, n) VALUES (1, 'tea', 0)")
    conn.execute("UPDATE t SET n = 1")
    conn.execute("UPDATE t SET title = 'mate'")
    conn.execute("UPDATE t SET loud = DEFAULT")  # nothing of it changes
    conn.execute("DELETE FROM t")
    created, counted, renamed, deleted = audit.history("t", 1)
    assert created.state == {"id": 1, "title": "tea", "n": 0, **loud(kind, "TEA")}
    assert counted.changes.keys() == {"n"}
    assert renamed.changes.keys() == {"title"} | loud(kind, 0).keys()
    assert deleted.state == {"id": 1, "title": "mate", "n": 1, **loud(kind, "MATE")}
    left_out = audit.restore(version=deleted.id).left_out
    assert rows(conn) == [(1, "MATE", "mate", 1)]
    assert left_out == loud(kind, "generated")
    assert audit.restore(version=created.id).differs == ()
    assert rows(conn) == [(1, "TEA", "tea", 0)]
    conn.execute("TRUNCATE t")
    assert audit.activity().items[1].snapshot == created.state


@both
@pytest.mark.parametrize("whose", ["its own", "another session's"])
def test_a_generated_column_that_is_added(
    conn: Conn, audit: Audit, db: str, connect: Connect, kind: str, whose: str
) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, title text)")
    audit.install("t")
    writer = connect(db, autocommit=True)
    writer.execute("INSERT INTO t VALUES (1, 'tea'), (2, 'cocoa'); UPDATE t SET title = 'mate' WHERE id = 1")
    (writer if whose == "its own" else conn).execute(
        f"ALTER TABLE t ADD loud text GENERATED ALWAYS AS (upper(title)) {kind}".encode()
    )
    writer.execute("UPDATE t SET title = 'chai' WHERE id = 1; DELETE FROM t WHERE id = 2")
    deleted, updated = audit.activity(limit=2)
    assert deleted.snapshot == {"id": 2, "title": "cocoa", **loud(kind, "COCOA")}
    assert updated.changes.keys() == {"title"} | loud(kind, 0).keys()
    audit.install("t")
    writer.execute("UPDATE t SET title = 'tea' WHERE id = 1")
    assert audit.activity().items[0].changes.keys() == {"title"} | loud(kind, 0).keys()
    for version in (audit.versions("t", 1)[1], audit.versions("t", 2)[-1]):
        audit.restore(version=version.id)
    assert rows(conn) == [(1, "mate", "MATE"), (2, "cocoa", "COCOA")]


@both
def test_an_expression_that_changes(conn: Conn, audit: Audit, kind: str) -> None:
    """The values of all rows change, and no trigger sees it; a stored one's next write tells it."""
    if conn.info.server_version < 170000:
        pytest.skip("PostgreSQL changes no expressions before 17")
    conn.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) {kind})".encode()
    )
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 1)")
    conn.execute("ALTER TABLE t ALTER twice SET EXPRESSION AS (n * 3)")
    problems = audit.verify_table("t")
    conn.execute("UPDATE t SET n = 2; DELETE FROM t")
    audit.restore(version=audit.versions("t", 1)[-1].id)
    assert rows(conn) == [(1, 2, 6)]
    if kind == "VIRTUAL":
        assert problems == audit.verify_table("t") == []
    else:
        assert {one.field for one in problems} == {"twice"}
        conn.execute("DROP TABLE t")


@pytest.mark.parametrize("kind", ["VIRTUAL"], indirect=True)
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_virtual_column_that_a_snapshot_does_not_show(
    conn: Conn, audit: Audit, db: str, connect: Connect, kind: str, level: str
) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, title text)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 'tea')")
    writer = connect(db)
    writer.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
    writer.execute("SELECT")  # takes the snapshot
    conn.execute(f"ALTER TABLE t ADD loud text GENERATED ALWAYS AS (upper(title)) {kind}".encode())
    conn.execute("ALTER TABLE t ADD late int DEFAULT 5")
    writer.execute(
        "UPDATE t SET title = 'mate'; INSERT INTO t (id, title) VALUES (2, 'chai'); DELETE FROM t WHERE id = 2"
    )
    writer.commit()
    deleted, created, updated = audit.activity(limit=3)
    assert updated.changes.keys() == {"title"}
    assert deleted.snapshot == created.snapshot == {"id": 2, "title": "chai", "late": 5}


def test_a_key_that_is_generated(conn: Conn, audit: Audit) -> None:
    """It is not written by a restore, but tells which record it is, and whether another one has it."""
    conn.execute("CREATE TABLE t (n int, id int GENERATED ALWAYS AS (n * 10) STORED PRIMARY KEY, title text)")
    assert audit.install("t").key == ("id",)
    conn.execute("INSERT INTO t VALUES (1, DEFAULT, 'tea'); UPDATE t SET n = 3; DELETE FROM t")
    created, moved, deleted = audit.history("t", 30)
    assert [one.key for one in (created, moved, deleted)] == ["10", "30", "30"]
    done = audit.restore(version=deleted.id)
    assert (done.operation, done.left_out, done.differs) == ("insert", {"id": "generated"}, ())
    plan = audit.plan_restore(version=created.id)
    assert (set(plan.changes), plan.columns) == ({"n"}, ("n",))
    conn.execute("INSERT INTO t VALUES (1, DEFAULT, 'other')")
    with pytest.raises(RestoreConflict, match="the key 10 is taken"):
        audit.restore(version=created.id)
    conn.execute("DELETE FROM t WHERE n = 1")
    assert audit.restore(version=created.id).differs == ()
    assert conn.execute("SELECT * FROM t").fetchall() == [(1, 10, "tea")]
    audit.snapshot("t", 10)
    assert [one.key for one in audit.history("t", 10)][-3:] == ["30", "10", "10"]
