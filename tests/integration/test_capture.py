"""Every way to change a row is recorded once, in the order in which it happened, by whoever it was."""

from __future__ import annotations

import os
import random
import signal
from itertools import pairwise

import psycopg
import pytest

from pgaudit_py import Audit, set_actor
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Conn, Connect, reconnected, started

pytestmark = pytest.mark.every_major

SHAPE = "(id int PRIMARY KEY, n int, secret int)"  # secret never changes: it says who is who


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute(f"CREATE TABLE t {SHAPE}".encode())
    audit.install("t")
    return conn


def operations(conn: Conn, where: str = "true") -> list[tuple[str, int]]:
    query = f"SELECT operation, count(*) FROM pgaudit_py.activity_log WHERE {where} GROUP BY 1 ORDER BY 1"
    return conn.execute(query.encode()).fetchall()


@pytest.mark.parametrize("rows", [1, 10_000])
def test_one_entry_a_row(t: Conn, rows: int) -> None:
    t.execute("INSERT INTO t SELECT i, 0, i FROM generate_series(1, %s) AS i", [rows])
    t.execute("UPDATE t SET n = id")
    t.execute("UPDATE t SET n = n")  # changes nothing
    t.execute("DELETE FROM t")
    assert operations(t) == [("D", rows), ("I", rows), ("U", rows)]
    wrong = """SELECT count(*) FROM pgaudit_py.activity_log
        WHERE operation = 'U' AND changes <> jsonb_build_object('n', jsonb_build_object('old', 0, 'new', subject_id::int))"""
    assert t.execute(wrong).fetchone() == (0,)
    wrong = """SELECT count(*) FROM pgaudit_py.activity_log
        WHERE operation <> 'U' AND snapshot <> jsonb_build_object('id', subject_id::int, 'secret', subject_id::int,
            'n', CASE operation WHEN 'I' THEN 0 ELSE subject_id::int END)"""
    assert t.execute(wrong).fetchone() == (0,)
    chain = "SELECT count(DISTINCT subject_id), count(DISTINCT transaction_id) FROM pgaudit_py.activity_log"
    assert t.execute(chain).fetchone() == (rows, 3)


@pytest.mark.parametrize("move", ["id + 1", "101 - id", "id + 1000"])
def test_keys_that_move(conn: Conn, audit: Audit, move: str) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, n int, secret int)")
    audit.install("t")
    conn.execute("INSERT INTO t SELECT i, 0, i FROM generate_series(1, 100) AS i")
    conn.execute(f"UPDATE t SET id = {move}".encode())
    conn.execute("UPDATE t SET n = secret")
    for key, secret in conn.execute("SELECT id, secret FROM t WHERE secret % 10 = 0").fetchall():
        history = audit.history("t", key)
        assert [entry.key for entry in history] == [str(secret), str(key), str(key)]
        assert {entry.state["secret"] for entry in history if entry.state} == {secret}


def test_a_key_that_cascades(conn: Conn, audit: Audit) -> None:
    conn.execute(
        """CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON UPDATE CASCADE, secret int);
           INSERT INTO tree VALUES (1, NULL, 1), (2, 1, 2), (3, 1, 3)"""
    )
    audit.install("tree")
    conn.execute("UPDATE tree SET id = 10 WHERE id = 1")
    changes = conn.execute(
        "SELECT subject_id, changes->'parent' FROM pgaudit_py.activity_log ORDER BY id"
    ).fetchall()
    assert changes == [("10", None), ("2", {"old": 1, "new": 10}), ("3", {"old": 1, "new": 10})]


def test_a_chain_of_keys_that_cascades(conn: Conn, audit: Audit) -> None:
    """Every row is root of the next one, so each is written by its own change and by that of its root."""
    conn.execute(
        """CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree ON UPDATE CASCADE, secret int);
           INSERT INTO tree SELECT i, nullif(i - 1, 0), i FROM generate_series(1, 20) AS i"""
    )
    audit.install("tree", snapshots="all")
    conn.execute("UPDATE tree SET id = id + 100")
    mixed = """SELECT count(*), count(*) FILTER (WHERE (snapshot->>'secret')::int <> subject_id::int - 100)
               FROM pgaudit_py.activity_log"""
    assert conn.execute(mixed).fetchone() == (39, 0)
    for key in range(101, 121):
        history = audit.history("tree", key)
        assert {entry.state["secret"] for entry in history if entry.state} == {key - 100}
        for before, after in pairwise(history):
            assert before.state is not None
            assert {name: change.old for name, change in after.changes.items()} == {
                name: before.state[name] for name in after.changes
            }


def test_a_trigger_that_updates_the_same_row(t: Conn, audit: Audit) -> None:
    t.execute(
        """CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN IF NEW.n < 100 THEN UPDATE t SET n = n + 100 WHERE id = NEW.id; END IF; RETURN NULL; END$$;
           CREATE TRIGGER "00" AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION bump()"""
    )
    t.execute("INSERT INTO t VALUES (1, 200, 1); UPDATE t SET n = 1")
    states = [entry.state["n"] for entry in audit.history("t", 1) if entry.state]
    assert states == [200, 1, 101]


def test_a_trigger_that_touches_a_sibling(t: Conn, audit: Audit) -> None:
    t.execute(
        """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN IF NEW.id = 1 THEN UPDATE t SET n = n + 100 WHERE id = 2; END IF; RETURN NULL; END$$;
           CREATE TRIGGER touch AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"""
    )
    t.execute("INSERT INTO t VALUES (1, 0, 1), (2, 0, 2)")
    t.execute("UPDATE t SET n = n + 1")
    assert [entry.operation for entry in audit.history("t", 2)] == ["I", "U", "U", "U"]
    assert [entry.state["n"] for entry in audit.history("t", 2) if entry.state] == [0, 100, 101, 201]
    ids = [entry.id for entry in audit.history("t", 2)]
    assert ids != sorted(ids)  # else this test would show nothing


def test_a_key_deleted_here_and_inserted_there(conn: Conn, audit: Audit, db: str, connect: Connect) -> None:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, secret int)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1, 1)")
    other = connect(db)
    other.execute("INSERT INTO t VALUES (1, 2)")  # its id comes first
    conn.execute("DELETE FROM t WHERE secret = 1")
    other.commit()
    assert [entry.operation for entry in audit.history("t", 1)] == ["I", "D", "I"]
    assert [entry.state["secret"] for entry in audit.history("t", 1) if entry.state] == [1, 1, 2]


def test_upserts(t: Conn) -> None:
    t.execute("INSERT INTO t SELECT i, 0, i FROM generate_series(1, 5) AS i")
    rows = "INSERT INTO t SELECT i, 1, i FROM generate_series(1, 10) AS i ON CONFLICT (id) DO "
    t.execute((rows.replace("series(1, 10)", "series(1, 5)") + "NOTHING").encode())
    assert operations(t) == [("I", 5)]
    t.execute((rows + "NOTHING").encode())
    assert operations(t) == [("I", 10)]
    t.execute((rows + "UPDATE SET n = 7 WHERE false").encode())
    assert operations(t) == [("I", 10)]
    t.execute((rows + "UPDATE SET n = 7").encode())
    assert operations(t) == [("I", 10), ("U", 10)]


def test_merge(t: Conn) -> None:
    t.execute("INSERT INTO t SELECT i, 0, i FROM generate_series(1, 4) AS i")
    t.execute(
        """MERGE INTO t USING generate_series(1, 6) AS s(i) ON t.id = s.i
           WHEN MATCHED AND s.i = 1 THEN DELETE
           WHEN MATCHED AND s.i = 2 THEN DO NOTHING
           WHEN MATCHED THEN UPDATE SET n = 1
           WHEN NOT MATCHED THEN INSERT VALUES (s.i, 2, s.i)"""
    )
    assert operations(t) == [("D", 1), ("I", 6), ("U", 2)]


def test_cascades_over_three_levels(conn: Conn, audit: Audit) -> None:
    conn.execute(
        """CREATE TABLE a (id int PRIMARY KEY);
           CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE);
           CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE CASCADE,
                           a int REFERENCES a ON DELETE SET NULL, d int DEFAULT 2 REFERENCES a ON DELETE SET DEFAULT);
           INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1); INSERT INTO c VALUES (1, 1, 1, 2), (2, NULL, 1, 1)"""
    )
    for table in "abc":
        audit.install(table)
    with conn.transaction():
        set_actor(conn, 7)
        conn.execute("DELETE FROM a WHERE id = 1")
    rows = conn.execute(
        "SELECT subject_type, operation, causer_id, transaction_id FROM pgaudit_py.activity_log ORDER BY id"
    ).fetchall()
    assert {row[2:] for row in rows} == {("7", rows[0][3])}
    assert rows[0][:2] == ("a", "D")
    assert [row[:2] for row in rows].index(("b", "D")) < [row[:2] for row in rows].index(("c", "D"))
    assert conn.execute("SELECT * FROM c").fetchall() == [(2, None, None, 2)]


ROWS = 100_000
NUMBERS = f"SELECT i, -i, i * 2 FROM generate_series(1, {ROWS}) AS i"


@pytest.mark.parametrize("how", ["text", "csv, HEADER", "binary"])
def test_copy(t: Conn, how: str) -> None:
    with t.cursor() as cursor:
        with cursor.copy(f"COPY ({NUMBERS}) TO STDOUT (FORMAT {how})".encode()) as copy:
            data = b"".join(copy)
        with cursor.copy(f"COPY t FROM STDIN (FORMAT {how})".encode()) as copy:
            copy.write(data)
    assert operations(t) == [("I", ROWS)]
    differs = f"""SELECT count(*) FROM ({NUMBERS}) AS s (id, n, secret)
                  FULL JOIN pgaudit_py.activity_log AS l ON l.subject_id = s.id::text
                  WHERE l.snapshot IS DISTINCT FROM to_jsonb(s)"""
    assert t.execute(differs.encode()).fetchone() == (0,)


def test_copy_of_rows_that_are_frozen_at_once(t: Conn, audit: Audit) -> None:
    with t.transaction():
        t.execute("CREATE TABLE frozen (id int PRIMARY KEY, n int)")
        audit.install("frozen", in_transaction=True)
        t.execute("INSERT INTO frozen VALUES (0, 0); TRUNCATE frozen")
        with t.cursor() as cursor, cursor.copy("COPY frozen FROM STDIN (FREEZE)") as copy:
            copy.write("".join(f"{number}\t{-number}\n" for number in range(ROWS)))
    assert operations(t, "subject_type = 'frozen'") == [("D", 1), ("I", ROWS + 1), ("T", 1)]
    assert [(one.life, one.action) for one in audit.history("frozen", 0)] == [
        (1, "created"), (1, "deleted"), (2, "created"),
    ]  # fmt: skip


def test_copy_records_what_was_loaded(t: Conn) -> None:
    """Lines that COPY passes over leave no trace."""
    if t.info.server_version < 170000:
        pytest.skip("ON_ERROR came with PostgreSQL 17")
    lines = [f"{i if i % 7 else 'x'}\t{i if i % 5 else 'nonsense'}\t1\n" for i in range(ROWS)]
    with t.cursor() as cursor, cursor.copy("COPY t FROM STDIN (ON_ERROR ignore)") as copy:
        copy.write("".join(lines))
    loaded = [str(i) for i in range(ROWS) if i % 7 and i % 5]
    assert t.execute("SELECT array_agg(subject_id ORDER BY id) FROM pgaudit_py.activity_log").fetchone() == (
        loaded,
    )


def test_a_copy_that_fails_leaves_no_trace(t: Conn) -> None:
    t.execute("INSERT INTO t VALUES (1, 1, 1), (2, 1, 1)")
    with (
        pytest.raises(psycopg.errors.UniqueViolation),
        t.cursor() as cursor,
        cursor.copy("COPY t FROM STDIN") as copy,
    ):
        copy.write("4\t1\t1\n1\t1\t1\n")
    assert operations(t) == [("I", 2)]


def test_truncate_keeps_rows(t: Conn, audit: Audit) -> None:
    t.execute("CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t int REFERENCES t)")
    audit.install("child")
    t.execute("INSERT INTO t VALUES (1, 1, 1), (2, 2, 2); INSERT INTO child (t) VALUES (1)")
    t.execute("TRUNCATE t RESTART IDENTITY CASCADE")
    assert operations(t, "subject_type = 't'") == [("D", 2), ("I", 2), ("T", 1)]
    assert operations(t, "subject_type = 'child'") == [("D", 1), ("I", 1), ("T", 1)]
    counted = {one.subject: one.metadata for one in audit.activity(action="truncated")}
    assert counted == {"t": {"_rows": 2}, "child": {"_rows": 1}}
    audit.restore(version=audit.versions("t", 1)[0].id)
    assert t.execute("SELECT * FROM t").fetchall() == [(1, 1, 1)]


def test_truncate_of_many_rows_tells_their_number(t: Conn, audit: Audit) -> None:
    audit.install("t", truncate_rows=2)
    t.execute("INSERT INTO t SELECT i, i, i FROM generate_series(1, 3) AS i")
    notices: list[str] = []
    t.add_notice_handler(lambda notice: notices.append(f"{notice.severity}: {notice.message_primary}"))
    t.execute("TRUNCATE t")
    assert notices == [
        "WARNING: pgaudit-py: TRUNCATE of public.t is recorded without its rows: there are more than 2"
    ]
    truncated = audit.activity().items[0]
    assert (truncated.operation, truncated.action, truncated.subject, truncated.metadata) == (
        "T", "truncated", "t", {"_rows_over": 2},
    )  # fmt: skip
    assert [entry.action for entry in audit.history("t", 1)] == ["created", "truncated"]
    t.execute("INSERT INTO t VALUES (1, 5, 9)")
    assert [(entry.life, entry.action) for entry in audit.history("t", 1)] == [
        (1, "created"), (1, "truncated"), (2, "created"),
    ]  # fmt: skip
    assert audit.restore(version=audit.versions("t", 2)[0].id).operation == "insert"


def test_before_triggers(t: Conn, audit: Audit) -> None:
    t.execute(
        """CREATE FUNCTION before() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN IF NEW.n = 0 THEN RETURN NULL; END IF; NEW.n := NEW.n * 2; RETURN NEW; END$$;
           CREATE TRIGGER before BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION before()"""
    )
    t.execute("INSERT INTO t VALUES (1, 5, 1), (2, 0, 2)")
    (created,) = audit.activity()
    assert created.snapshot == {"id": 1, "n": 10, "secret": 1}
    t.execute("UPDATE t SET n = 0")  # suppressed
    t.execute("UPDATE t SET n = 5")  # made what it was
    assert operations(t) == [("I", 1)]
    t.execute("UPDATE t SET n = 7")
    assert audit.activity().items[0].changes["n"].new == 14
    t.execute(
        """CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
           CREATE TRIGGER keep BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION keep()"""
    )
    t.execute("DELETE FROM t")
    assert operations(t) == [("I", 1), ("U", 1)]


def test_what_is_rolled_back_leaves_no_trace(t: Conn, audit: Audit) -> None:
    with t.transaction(force_rollback=True):
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    with t.transaction():
        t.execute("INSERT INTO t VALUES (2, 1, 2)")
        with t.transaction(force_rollback=True):
            t.execute("UPDATE t SET n = 2; DELETE FROM t")
        t.execute(
            """DO $$BEGIN
                   BEGIN UPDATE t SET n = 3; RAISE EXCEPTION 'x'; EXCEPTION WHEN OTHERS THEN NULL; END;
                   UPDATE t SET n = 4;
               END$$"""
        )
    assert [entry.state["n"] for entry in audit.history("t", 2) if entry.state] == [1, 4]
    assert operations(t) == [("I", 1), ("U", 1)]


def test_without_a_key(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE keyless (n int)")
    audit.install("keyless")
    conn.execute("INSERT INTO keyless VALUES (1), (1), (1)")
    conn.execute("DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless)")
    (deleted,) = audit.activity(action="deleted")
    assert (deleted.subject_id, deleted.snapshot) == (None, {"n": 1})


def test_a_key_whose_index_holds_more(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE t (n int, id int, PRIMARY KEY (id) INCLUDE (n))")
    assert audit.install("t").key == ("id",)
    conn.execute("INSERT INTO t VALUES (1, 7); UPDATE t SET n = 2; UPDATE t SET id = 8")
    assert [one.key for one in audit.history("t", 8)] == ["7", "7", "8"]


def test_a_table_that_loses_all_its_columns(conn: Conn, audit: Audit) -> None:
    """Its rows are still counted."""
    conn.execute("CREATE TABLE t (n int)")
    audit.install("t")
    conn.execute(
        "INSERT INTO t VALUES (1); ALTER TABLE t DROP n; INSERT INTO t DEFAULT VALUES; DELETE FROM t"
    )
    assert [(one.operation, one.snapshot) for one in reversed(audit.activity().items)] == [
        ("I", {"n": 1}), ("I", {}), ("D", {}), ("D", {}),
    ]  # fmt: skip


def test_truncate_of_several_tables_at_once(t: Conn, audit: Audit) -> None:
    t.execute("CREATE TABLE u (id int PRIMARY KEY)")
    audit.install("u")
    t.execute("INSERT INTO t VALUES (1, 1, 1); INSERT INTO u VALUES (1), (2); TRUNCATE ONLY t, u")
    counted = {one.subject: one.metadata for one in audit.activity(action="truncated")}
    assert counted == {"t": {"_rows": 1}, "u": {"_rows": 2}}


def test_copy_of_some_columns_and_rows(t: Conn, audit: Audit) -> None:
    t.execute("ALTER TABLE t ALTER secret SET DEFAULT 5")
    with t.cursor() as cursor, cursor.copy("COPY t (n, id) FROM STDIN WHERE n > 1") as copy:
        copy.write("1\t1\n2\t2\n")
    assert [one.snapshot for one in audit.activity()] == [{"id": 2, "n": 2, "secret": 5}]


def test_whole_rows_on_request(conn: Conn, audit: Audit) -> None:
    conn.execute(f"CREATE TABLE t {SHAPE}; INSERT INTO t VALUES (1, 1, 1)".encode())
    audit.install("t", snapshots="all")
    conn.execute("UPDATE t SET n = 2")
    assert audit.activity().items[0].snapshot == {"id": 1, "n": 2, "secret": 1}


def test_what_every_activity_says(t: Conn, audit: Audit) -> None:
    with t.transaction():
        set_actor(t, 42, type="user", ip="203.0.113.7", user_agent="x", request_id="r", metadata={"a": 1})
        t.execute("INSERT INTO t VALUES (1, 1, 1); UPDATE t SET n = 2; DELETE FROM t")
    rows = t.execute(
        """SELECT operation, causer_type, causer_id, ip, user_agent, request_id, metadata, db_role, set_role, epoch,
                  transaction_id = (SELECT max(transaction_id) FROM pgaudit_py.activity_log), old_tid, new_tid
           FROM pgaudit_py.activity_log ORDER BY id"""
    ).fetchall()
    assert {row[1:3] + row[4:6] + row[7:11] for row in rows} == {
        ("user", "42", "x", "r", "postgres", None, 1, True),
    }  # fmt: skip
    assert [row[6] for row in rows] == [{"a": 1}] * 3
    assert [(row[11], row[12]) for row in rows] == [(None, "(0,1)"), ("(0,1)", "(0,2)"), ("(0,2)", None)]


GARBAGE = {
    "a text of 10 MB": ("user_agent", "x" * 10_000_000),
    "what is no identifier": ("causer_type", "{{ jinja }} %s %(x)s $1 \\ \x01"),
    "SQL": ("request_id", "'; DROP TABLE t; --\n"),
    "a long id": ("causer_id", "y" * 10_000),
    "a long action": ("action", "z" * 10_000),
    "an address of 10 MB": ("ip", "1" * 10_000_000),
    "a pile of brackets": ("metadata", "[" * 100_000),
    "a lower pile": ("metadata", '{"a":' * 1_600),
    "JSON of 10 MB": ("metadata", '{"a": "' + "x" * 10_000_000 + '"}'),
    "JSON just too long": ("metadata", '{"a": "' + "x" * 8184 + '"}'),
}


@pytest.mark.parametrize("bound", [False, True])
@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_in_a_setting(t: Conn, audit: Audit, what: str, bound: bool) -> None:
    """As somebody sets it who knows the stamp, and as somebody who does not."""
    name, value = GARBAGE[what]
    with t.transaction():
        if bound:
            t.execute("SELECT set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true)")
        t.execute("SELECT set_config(%s, %s, true)", [f"pgaudit_py.{name}", value])
        t.execute("INSERT INTO t VALUES (1, 1, 1); TRUNCATE t")
    metadata = {"metadata": {"_invalid": value[:512]}, "ip": {"_ip": value[:512]}}.get(name, {})
    for one in audit.activity():
        rows = {"_rows": 1} if one.operation == "T" else {}
        assert one.metadata == metadata | rows | ({} if bound else {"_bare": True})
        if name == "ip":
            assert one.ip is None
        elif name != "metadata" and (name, one.operation) != ("action", "T"):
            assert getattr(one, name) == value[:512]


def test_a_stamp_that_is_none(t: Conn, audit: Audit) -> None:
    for stamp in ("x" * 10_000_000, "NaN", "0", "now", " "):
        with t.transaction():
            t.execute("SELECT set_config('pgaudit_py.stamp', %s, true)", [stamp])
            t.execute("SELECT set_config('pgaudit_py.causer_id', 'mallory', true)")
            t.execute("INSERT INTO t VALUES (1, 1, 1); DELETE FROM t")
    assert {(one.causer, tuple(one.metadata)) for one in audit.activity()} == {(None, ("_stale",))}


@pytest.mark.parametrize(
    "ip",
    [
        "999.1.1.1",
        "a, b",
        "10.0.0.1:80",
        "fe80::1%eth0",
        "  ",
        "unknown",
        "10.0.0.1, 10.0.0.2",
        "x" * 600,
        "::1%lo",
        "10.0.0.1/33",
        "\n",
        "[::1]:80",
    ],
)
def test_an_address_that_is_none(t: Conn, audit: Audit, ip: str) -> None:
    with t.transaction():
        t.execute("SELECT set_config('pgaudit_py.ip', %s, true)", [ip])
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    (one,) = audit.activity()
    assert (one.ip, one.metadata["_ip"]) == (None, ip[:512])
    with t.transaction():  # said by set_actor, it is read on the fast way, which it must not break
        t.execute("SELECT pgaudit_py.set_actor('42', ip => %s)", [ip])
        t.execute("UPDATE t SET n = 2")
    (one,) = audit.activity(action="updated")
    assert (one.ip, one.metadata, one.causer_id) == (None, {"_ip": ip[:512]}, "42")


@pytest.mark.parametrize("ip", ["203.0.113.7", "10.0.0.0/8", "2001:db8::/48", "10.1.2.3/8", " ::1 "])
def test_an_address(t: Conn, audit: Audit, ip: str) -> None:
    with t.transaction():
        t.execute("SELECT set_config('pgaudit_py.ip', %s, true)", [ip])
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    (one,) = audit.activity()
    assert one.metadata == ({"_bare": True} if one.ip else {"_bare": True, "_ip": ip})
    assert str(one.ip or ip) == ip


def test_empty_settings_say_nothing(t: Conn, audit: Audit) -> None:
    with t.transaction():
        for name in ("causer_id", "causer_type", "ip", "user_agent", "request_id", "metadata", "action"):
            t.execute(f"SET LOCAL pgaudit_py.{name} = ''".encode())
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    (one,) = audit.activity()
    assert (one.causer, one.ip, one.user_agent, one.request_id, one.metadata, one.action) == (
        None, None, None, None, {}, "created",
    )  # fmt: skip


@pytest.mark.parametrize("metadata", ["1", "[1]", "null", "{", '"x"', '{"a": "\\u0000"}', '{"a": 1e400000}'])
def test_metadata_that_is_no_object(t: Conn, audit: Audit, metadata: str) -> None:
    with t.transaction():
        t.execute("SELECT set_config('pgaudit_py.metadata', %s, true)", [metadata])
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    (one,) = audit.activity()
    assert one.metadata == {"_invalid": metadata, "_bare": True}


def test_a_session_that_forgot_its_actor(t: Conn, audit: Audit) -> None:
    with t.transaction():
        set_actor(t, 42, ip="203.0.113.7")
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    t.execute("UPDATE t SET n = 2")
    updated = audit.activity().items[0]
    assert (updated.causer, updated.ip, updated.metadata) == (None, None, {})


def test_a_value_that_leaked_is_ignored_and_marked(t: Conn, audit: Audit) -> None:
    t.execute("SELECT pgaudit_py.set_actor('42')")
    t.execute(
        "SELECT set_config('pgaudit_py.causer_id', '42', false), set_config('pgaudit_py.stamp', '1.5', false)"
    )
    t.execute("INSERT INTO t VALUES (1, 1, 1)")
    (one,) = audit.activity()
    assert (one.causer, one.metadata) == (None, {"_stale": True})


def test_set_role_is_recorded(t: Conn, audit: Audit) -> None:
    t.execute("CREATE ROLE somebody; GRANT INSERT ON t TO somebody; SET ROLE somebody")
    t.execute("INSERT INTO t VALUES (1, 1, 1)")
    t.execute("RESET ROLE")
    (one,) = audit.activity()
    assert (one.db_role, one.set_role) == ("postgres", "somebody")
    t.execute("DROP OWNED BY somebody; DROP ROLE somebody")


def test_an_unlogged_table_is_audited_in_a_log_that_is_logged(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)")
    audit.install("t")
    conn.execute("INSERT INTO t VALUES (1)")
    unlogged = "SELECT count(*) FROM pg_class WHERE relpersistence <> 'p' AND relnamespace = 'pgaudit_py'::regnamespace"
    assert conn.execute(unlogged).fetchone() == (0,)


def test_an_unlogged_table_after_a_crash(server: EmbeddedServer) -> None:
    """It is empty then, and the log, which is not, says so."""
    with EmbeddedServer(settings=(), base=server.folder.parent) as own:
        with psycopg.connect(own.dsn(), autocommit=True) as conn:
            audit = Audit(conn)
            audit.migrate()
            conn.execute(
                "CREATE UNLOGGED TABLE t (id int PRIMARY KEY); CREATE TABLE kept (id int PRIMARY KEY)"
            )
            audit.install("t")
            audit.install("kept")
            conn.execute(
                "INSERT INTO t VALUES (1), (2); INSERT INTO kept VALUES (1); DELETE FROM t WHERE id = 2"
            )
            before = started(conn)
            os.kill(conn.info.backend_pid, signal.SIGKILL)
        with reconnected(own, before) as conn:
            assert conn.execute("SELECT count(*) FROM t").fetchone() == (0,)
            assert [(one.problem, one.subject_id) for one in Audit(conn).verify_table("t")] == [
                ("the row is missing", "1")
            ]
            assert Audit(conn).verify_table("kept") == []
            assert len(Audit(conn).activity()) == 4


def test_a_replica_session_is_recorded(t: Conn, audit: Audit) -> None:
    t.execute("SET session_replication_role = replica")
    t.execute("INSERT INTO t VALUES (1, 1, 1); TRUNCATE t")
    t.execute("RESET session_replication_role")
    assert [one.action for one in audit.activity()] == ["truncated", "deleted", "created"]


@pytest.mark.parametrize("columns", [1, 2])
def test_a_key_that_no_index_of_the_log_could_hold(conn: Conn, audit: Audit, columns: int) -> None:
    names = ["a", "b"][:columns]
    conn.execute(
        f"CREATE TABLE t ({' text, '.join(names)} text, n int, PRIMARY KEY ({', '.join(names)}))".encode()
    )
    audit.install("t")
    noise = random.Random(7)
    key = ["".join(chr(noise.randrange(40, 120)) for _ in range(2680 // columns)) for _ in names]
    marks = ", ".join(["%s"] * columns)
    conn.execute(f"INSERT INTO t VALUES ({marks}, 1)".encode(), key)
    conn.execute("UPDATE t SET n = 2")
    conn.execute("UPDATE t SET a = 'short'")
    conn.execute("DELETE FROM t")
    deleted, moved, updated, created = audit.activity()
    assert [one.subject_id for one in (created, updated)] == [None, None]
    assert created.metadata == updated.metadata == {"_key": "too long"}
    assert created.snapshot is not None
    assert [created.snapshot[name] for name in names] == key
    assert (updated.changes["n"].old, updated.changes["n"].new) == (1, 2)
    assert (moved.subject_id, moved.previous_subject_id) == (deleted.subject_id, None)
    assert moved.metadata == {"_key": "too long"}


def test_a_key_that_is_not_compressed(conn: Conn, audit: Audit) -> None:
    conn.execute(
        "CREATE TABLE a_long_table_name_for_records (k text PRIMARY KEY); ALTER TABLE a_long_table_name_for_records ALTER k SET STORAGE plain"
    )
    audit.install("a_long_table_name_for_records")
    noise = random.Random(7)
    conn.execute(
        "INSERT INTO a_long_table_name_for_records VALUES (%s)",
        ["".join(chr(noise.randrange(40, 120)) for _ in range(2680))],
    )
    assert audit.activity().items[0].metadata == {"_key": "too long"}


def test_a_key_whose_bytes_change_and_whose_text_does_not(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE f (k float8 PRIMARY KEY)")
    audit.install("f")
    conn.execute("INSERT INTO f VALUES ('NaN'); UPDATE f SET k = -k")
    assert audit.activity().items[0].previous_subject_id is None


@pytest.mark.parametrize("key", [["id"], ["id", "part"]])
@pytest.mark.parametrize("late", [False, True])
def test_a_key_whose_collation_takes_other_texts_for_equal(
    conn: Conn, audit: Audit, key: list[str], late: bool
) -> None:
    """Another spelling is another key to the log, though not to the table."""
    try:
        conn.execute(
            "CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
        )
    except psycopg.errors.FeatureNotSupported:
        pytest.skip("this server was built without ICU, which alone has such collations")
    conn.execute(
        f"""CREATE TABLE t (id text COLLATE anycase, part int DEFAULT 1, n text COLLATE anycase,
                            PRIMARY KEY ({", ".join(key)}))""".encode()
    )
    audit.install("t")
    if late:
        conn.execute("ALTER TABLE t ADD late int")
    conn.execute(
        "INSERT INTO t VALUES ('Ab', 1, 'x'); UPDATE t SET n = 'X'; UPDATE t SET id = 'AB'; DELETE FROM t"
    )
    history = audit.history("t", ["AB", "1"][: len(key)])
    assert [(one.operation, (one.state or {})["id"], (one.state or {})["n"]) for one in history] == [
        ("I", "Ab", "x"), ("U", "Ab", "X"), ("U", "AB", "X"), ("D", "AB", "X"),
    ]  # fmt: skip
    for version in (history[-1], history[0]):
        audit.restore(version=version.id)
        assert conn.execute('SELECT id COLLATE "C" FROM t').fetchall() == [((version.state or {})["id"],)]


def test_counting_stops_at_the_limit(conn: Conn, audit: Audit) -> None:
    conn.execute("CREATE TABLE big AS SELECT g AS id FROM generate_series(1, 10000) AS g")
    audit.install("big", truncate_rows=10)
    with conn.transaction():
        conn.execute("TRUNCATE big")
        read = conn.execute(
            "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'big'"
        ).fetchone()
    assert read == (11,)
    assert audit.activity().items[0].metadata == {"_rows_over": 10}


def test_only_triggers_say_what_only_triggers_know(t: Conn, audit: Audit) -> None:
    with t.transaction():
        t.execute("""SELECT set_config('pgaudit_py.stamp', extract(epoch FROM now())::text, true),
                            set_config('pgaudit_py.metadata', '{"_drift": 5, "_key": "x", "own": 1}', true)""")
        t.execute("INSERT INTO t VALUES (1, 1, 1)")
    assert audit.activity().items[0].metadata == {"own": 1}
