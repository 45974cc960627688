"""Single clauses of what runs while the application writes, that nothing else would miss; see docs/explanation/mutants.md."""

from __future__ import annotations

import random

import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect

ODD_SETTINGS = {
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "-10",
    "bytea_output": "escape",
    "TimeZone": "Asia/Tokyo",
}


def altered(conn: Conn) -> None:
    """From now on the slow way is taken."""
    conn.execute("ALTER TABLE t ADD later int")


@pytest.mark.parametrize("setting", ODD_SETTINGS)
def test_the_slow_way_writes_values_as_the_fast_one_does(conn: Conn, audit: Audit, setting: str) -> None:
    """What the first columns need is pinned by the capture function itself; what came later needs more."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    conn.execute(
        """ALTER TABLE t ADD d date[] DEFAULT '{2024-02-29}', ADD i interval DEFAULT '1 year 2 hours', ADD b bytea DEFAULT '\\x00ff',
               ADD f float8[] DEFAULT '{0.30000000000000004}', ADD z timestamptz[] DEFAULT '{2024-03-31 01:30+01}'"""
    )
    conn.execute(f"SET {setting} = '{ODD_SETTINGS[setting]}'".encode())
    conn.execute("INSERT INTO t VALUES (1)")
    conn.execute(f"RESET {setting}".encode())
    audit.sync("t")
    conn.execute("INSERT INTO t VALUES (2)")
    fast, slow = audit.activity(action="created")
    assert ("_drift" in slow.metadata, "_drift" in fast.metadata) == (True, False)
    assert {**(slow.snapshot or {}), "id": 2} == fast.snapshot


@pytest.mark.parametrize("name", ["action", "causer_type", "causer_id", "user_agent", "request_id"])
def test_a_setting_made_longer_after_set_actor(conn: Conn, audit: Audit, name: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    with conn.transaction():
        conn.execute("SELECT pgaudit_py.set_actor('42')")
        conn.execute("SELECT set_config(%s, %s, true)", [f"pgaudit_py.{name}", "é" * 600])
        conn.execute("INSERT INTO t VALUES (1)")
    (one,) = audit.activity()
    assert getattr(one, name) == "é" * 512


def test_nothing_changed_on_the_slow_way(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
    audit.install("t")
    altered(conn)
    conn.execute("UPDATE t SET n = n")
    assert list(audit.activity()) == []


def test_an_altered_table_with_a_trigger_that_touches_siblings(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")
    audit.install("t")
    conn.execute(
        """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF pg_trigger_depth() < 2 THEN UPDATE t SET n = n + 100 WHERE id = NEW.id + 1; END IF; RETURN NULL; END $$;
           CREATE TRIGGER touch AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"""
    )
    altered(conn)
    conn.execute("UPDATE t SET n = n + 1")
    changes = [one.changes["n"] for one in audit.history("t", 2)]
    assert [(change.old, change.new) for change in changes] == [(2, 3), (3, 103)]


def test_a_truncate_of_an_altered_table_says_of_what_columns(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
    audit.install("t")
    altered(conn)
    conn.execute("TRUNCATE t")
    _, deleted = audit.activity()
    assert deleted.snapshot == {"id": 1, "n": 1, "later": None}
    assert "later" in deleted.metadata["_drift"]


def test_an_actor_without_an_address_is_read_on_the_fast_way(conn: Conn, audit: Audit) -> None:
    """The slow way would keep the whole row of an update."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 1)")
    audit.install("t")
    with conn.transaction():
        conn.execute("SELECT pgaudit_py.set_actor('42')")
        conn.execute("UPDATE t SET n = 2")
    (one,) = audit.activity()
    assert (one.causer_id, one.snapshot, one.metadata) == ("42", None, {})
    assert (one.causer_type, one.user_agent, one.request_id) == (None, None, None)


def test_an_actor_who_is_nobody(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    with conn.transaction():
        conn.execute("SELECT pgaudit_py.set_actor(NULL)")
        conn.execute("INSERT INTO t VALUES (1)")
    (one,) = audit.activity()
    assert (one.causer_id, one.metadata) == (None, {})


@pytest.mark.parametrize("name", ["action", "causer_type", "causer_id", "user_agent", "request_id", "ip"])
def test_a_long_setting_without_set_actor(conn: Conn, audit: Audit, name: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    with conn.transaction():
        conn.execute("SELECT set_config(%s, %s, true)", [f"pgaudit_py.{name}", "é" * 600])
        conn.execute("INSERT INTO t VALUES (1)")
    (one,) = audit.activity()
    assert (one.metadata["_ip"] if name == "ip" else getattr(one, name)) == "é" * 512


@pytest.mark.parametrize(
    "metadata", ["{oops", '{"oops' + "é" * 600, '{"long": "' + "x" * 8200 + '"}', '{"n": 1e400000}']
)
def test_metadata_that_cannot_be_kept_as_such(conn: Conn, audit: Audit, metadata: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    with conn.transaction():
        conn.execute("SELECT set_config('pgaudit_py.metadata', %s, true)", [metadata])
        conn.execute("INSERT INTO t VALUES (1)")
    (one,) = audit.activity()
    assert one.metadata == {"_invalid": metadata[:512], "_bare": True}


def noise(length: int, seed: int) -> str:
    """A text that cannot be compressed."""
    chance = random.Random(seed)
    return "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(length))


def test_a_key_too_long_in_bytes_alone(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id text PRIMARY KEY, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (%s, 1)", [noise(800, 7)])  # 2400 bytes
    (one,) = audit.activity()
    assert (one.subject_id, one.metadata) == (None, {"_key": "too long"})


def test_a_truncate_of_keys_that_no_index_could_hold(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id text PRIMARY KEY, n int)")
    conn.execute("INSERT INTO t VALUES (%s, 1), ('short', 2)", [noise(800, 7)])
    audit.install("t")
    conn.execute("TRUNCATE t")
    deleted = {one.snapshot["n"]: one for one in audit.activity(action="deleted") if one.snapshot}
    assert (deleted[1].subject_id, deleted[1].metadata) == (None, {"_key": "too long"})
    assert (deleted[2].subject_id, deleted[2].metadata) == ("short", {})


def test_a_large_value_that_becomes_another_one(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, body text)")
    audit.install("t")
    one, other = noise(4000, 1), noise(4000, 2)
    conn.execute("INSERT INTO t VALUES (1, %s)", [one])
    conn.execute("UPDATE t SET body = %s", [other])
    conn.execute("UPDATE t SET body = 'small'")
    conn.execute("UPDATE t SET body = 'less'")
    changes = [entry.changes["body"] for entry in audit.history("t", 1)[1:]]
    assert [(change.old, change.new) for change in changes] == [
        (one, other),
        (other, "small"),
        ("small", "less"),
    ]


def test_a_table_of_more_columns_than_a_function_has_arguments(conn: Conn, audit: Audit) -> None:
    names = [f"c{number}" for number in range(120)]
    conn.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, {', '.join(f'{name} int DEFAULT 1' for name in names)})".encode()
    )
    audit.install("t")
    with conn.transaction():
        conn.execute("SET LOCAL track_functions = 'all'")
        conn.execute("INSERT INTO t VALUES (1)")
        called = "SELECT funcname FROM pg_stat_xact_user_functions WHERE schemaname = 'pgaudit_py'"
        names_called = {name for (name,) in conn.execute(called)}
    assert "capture_1" in names_called
    assert "record_change" not in names_called  # the slow way
    (one,) = audit.activity()
    assert one.snapshot == {"id": 1, **dict.fromkeys(names, 1)}


@pytest.mark.unverified("what the deletion says is what its snapshot shows")
def test_a_truncate_under_an_old_snapshot_tells_what_that_shows(
    conn: Conn, audit: Audit, db: str, connect: Connect
) -> None:
    """A limit: docs/explanation/limits.md. The change that the snapshot lacks is in the log."""
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 1)")
    older = connect(db)
    older.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    older.execute("SELECT")
    conn.execute("UPDATE t SET n = 2")
    older.execute("TRUNCATE t")
    older.commit()
    _, deleted, updated, _ = audit.activity()
    assert (deleted.snapshot, updated.changes["n"].new) == ({"id": 1, "n": 1}, 2)
    assert [one.problem for one in audit.verify_table("t")] == ["the value before is not the one the log had"]
    assert audit.record_at("t", 1, at=updated.created_at) == {"id": 1, "n": 2}
