"""What a foreign key does to other rows is recorded as their own change: after the one that caused it, in its transaction, by its causer."""

from __future__ import annotations

from typing import Any

import pytest

from pgaudit_py import Audit, set_actor
from tests.conftest import Conn

pytestmark = pytest.mark.every_major

# A key of two columns, whose values have in them what separates the parts of a subject_id.
THREE_LEVELS = """
    CREATE TABLE country (name text, part text, PRIMARY KEY (name, part));
    CREATE TABLE city (id int PRIMARY KEY, name text {default}, part text {default}, n int DEFAULT 0,
        UNIQUE (name, part), FOREIGN KEY (name, part) REFERENCES country {action});
    CREATE TABLE street (id int PRIMARY KEY, name text {default}, part text {default},
        FOREIGN KEY (name, part) REFERENCES {parent} {action});
    INSERT INTO country VALUES ('a|b', 'c'), ('a', 'b|c'), ('none', 'none');
    INSERT INTO city VALUES (1, 'a|b', 'c'), (2, 'a', 'b|c');
    INSERT INTO street VALUES (1, 'a|b', 'c'), (2, 'a', 'b|c'), (3, 'a|b', 'c')"""
RENAME, REMOVE = (
    "UPDATE country SET name = 'x\",\"y' WHERE name = 'a|b'",
    "DELETE FROM country WHERE name = 'a|b'",
)
NEW_KEY = '["x\\",\\"y", "c"]'
# The action, what the streets refer to, a statement, what is recorded of it, and where the streets are then.
ACTIONS: dict[str, tuple[str, str, str, list[tuple[str, str, str]], list[str | None]]] = {
    "cascading updates": (
        "ON UPDATE CASCADE", "city (name, part)", RENAME,
        [("country", "U", NEW_KEY), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], ['x","y', "a", 'x","y'],
    ),
    "cascading deletions": (
        "ON DELETE CASCADE", "city (name, part)", REMOVE,
        [("country", "D", '["a|b", "c"]'), ("city", "D", "1"), ("street", "D", "1"), ("street", "D", "3")], ["a"],
    ),
    "nulls on a deletion": (
        "ON DELETE SET NULL", "country", REMOVE,
        [("country", "D", '["a|b", "c"]'), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], [None, "a", None],
    ),
    "a null in one column": (
        "ON DELETE SET NULL (name)", "country", REMOVE,
        [("country", "D", '["a|b", "c"]'), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], [None, "a", None],
    ),
    "defaults on a deletion": (
        "ON DELETE SET DEFAULT", "country", REMOVE,
        [("country", "D", '["a|b", "c"]'), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], ["none", "a", "none"],
    ),
    "nulls on an update": (
        "ON UPDATE SET NULL", "country", RENAME,
        [("country", "U", NEW_KEY), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], [None, "a", None],
    ),
    "defaults on an update": (
        "ON UPDATE SET DEFAULT", "country", RENAME,
        [("country", "U", NEW_KEY), ("city", "U", "1"), ("street", "U", "1"), ("street", "U", "3")], ["none", "a", "none"],
    ),
}  # fmt: skip


def recorded(conn: Conn) -> list[tuple[Any, ...]]:
    query = "SELECT subject_type, operation, subject_id FROM pgaudit_py.activity_log ORDER BY id"
    return conn.execute(query).fetchall()


@pytest.mark.parametrize("what", ACTIONS)
@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"])
def test_three_levels(conn: Conn, audit: Audit, what: str, when: str) -> None:
    action, parent, statement, expected, left = ACTIONS[what]
    conn.execute(
        THREE_LEVELS.format(action=f"{action} {when}", parent=parent, default="DEFAULT 'none'").encode()
    )
    for table in ("street", "city", "country"):
        audit.install(table)
    with conn.transaction():
        set_actor(conn, 7, request_id="r")
        conn.execute(statement.encode())
    assert recorded(conn) == expected
    acting = "SELECT DISTINCT causer_id, request_id, transaction_id IS NULL FROM pgaudit_py.activity_log"
    assert conn.execute(acting).fetchall() == [("7", "r", False)]
    assert len(audit.activity(transaction_id=audit.activity().items[0].transaction_id)) == len(expected)
    assert [name for (name,) in conn.execute("SELECT name FROM street ORDER BY id")] == left


def test_two_keys_that_would_look_alike(conn: Conn, audit: Audit) -> None:
    conn.execute(THREE_LEVELS.format(action="ON UPDATE CASCADE", parent="country", default="").encode())
    audit.install("country")
    conn.execute("UPDATE country SET part = part || '!' WHERE part <> 'none'")
    assert [one.action for one in audit.history("country", ["a|b", "c!"])] == ["updated"]
    assert [one.action for one in audit.history("country", ["a", "b|c!"])] == ["updated"]
    assert audit.history("country", ["a|b", "c"]) == audit.history("country", ["a|b", "c!"])


def test_a_tree_goes_with_its_root(conn: Conn, audit: Audit) -> None:
    """Each level refers to the one above, in one table; nobody goes before its parent."""
    conn.execute(
        """CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE CASCADE);
           INSERT INTO tree SELECT i, nullif(i / 2, 0) FROM generate_series(1, 31) AS i; INSERT INTO tree VALUES (99, NULL)"""
    )
    audit.install("tree")
    with conn.transaction():
        set_actor(conn, 7)
        conn.execute("DELETE FROM tree WHERE id = 1")
    order = [int(key) for _, _, key in recorded(conn)]
    assert sorted(order) == list(range(1, 32))
    place = {key: number for number, key in enumerate(order)}
    assert all(place[key // 2] < place[key] for key in range(2, 32))
    with conn.transaction():
        for one in reversed(audit.activity(action="deleted", limit=100).items):
            audit.restore(version=one.id)
    assert conn.execute("SELECT count(*), sum(parent) FROM tree").fetchone() == (
        32,
        sum(i // 2 for i in range(32)),
    )


def test_an_orphan_of_its_own_statement(conn: Conn, audit: Audit) -> None:
    """A row that the statement deletes itself, and that a key would have changed, is recorded once."""
    conn.execute(
        """CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON DELETE SET NULL);
           INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3)"""
    )
    audit.install("tree")
    conn.execute("DELETE FROM tree WHERE id <= 3")
    assert recorded(conn) == [("tree", "D", "1"), ("tree", "D", "2"), ("tree", "D", "3"), ("tree", "U", "4")]


@pytest.mark.parametrize("kind", ["trigger", "rollback"])
def test_a_cascade_that_fails_leaves_nothing(conn: Conn, audit: Audit, kind: str) -> None:
    conn.execute(
        THREE_LEVELS.format(action="ON DELETE CASCADE", parent="city (name, part)", default="").encode()
    )
    for table in ("country", "city", "street"):
        audit.install(table)
    if kind == "trigger":
        conn.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'refused'; END$$;
               CREATE TRIGGER refuse AFTER DELETE ON street FOR EACH ROW WHEN (old.id = 3) EXECUTE FUNCTION refuse()"""
        )
        conn.execute(f"DO $$BEGIN {REMOVE}; EXCEPTION WHEN raise_exception THEN NULL; END$$".encode())
    else:
        with conn.transaction(force_rollback=True):
            conn.execute(REMOVE.encode())
    assert recorded(conn) == []
