"""Statements that are planned, prepared or looped over in unusual ways are recorded as any other."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import sql

from pgaudit_py import Audit, set_actor
from tests.conftest import Conn, Connect

pytestmark = pytest.mark.every_major

CREATE = "CREATE TABLE {} (id int PRIMARY KEY, n int, title text, doc jsonb)"
WORKLOAD = (
    "INSERT INTO {0} SELECT i, i % 7, 'title ' || i, jsonb_build_object('n', i) FROM generate_series(1, 60) AS i",
    "INSERT INTO {0} SELECT max(id) + 1, sum(n), string_agg(title, ' '), NULL FROM {0}",
    "UPDATE {0} SET n = s.total FROM (SELECT n, count(*) AS total FROM {0} GROUP BY n) AS s WHERE s.n = {0}.n",
    "UPDATE {0} SET id = id + 100, title = upper(title) WHERE id IN (SELECT id FROM {0} WHERE id % 3 = 0)",
    "INSERT INTO {0} SELECT id, 0, 'again', 'null' FROM {0} ON CONFLICT (id) DO UPDATE SET title = excluded.title, doc = excluded.doc",
    "DELETE FROM {0} WHERE n > (SELECT avg(n) FROM {0})",
    "TRUNCATE {0}",
)
READING = "SELECT count(*), max(subject_id) FROM pgaudit_py.activity_log"


def parallel_query(conn: Conn) -> None:
    """Put a Gather on top of every plan that allows one."""
    name = "debug_parallel_query" if conn.info.server_version >= 160000 else "force_parallel_mode"
    conn.execute(sql.SQL("SET {} = on").format(sql.Identifier(name)))
    plan = conn.execute(f"EXPLAIN {READING}".encode()).fetchall()
    assert "Gather" in plan[0][0]


def jit(conn: Conn) -> None:
    """Compile every expression."""
    conn.execute("SET jit = on; SET jit_above_cost = 0")
    if conn.execute("SELECT pg_jit_available()").fetchone() == (False,):
        pytest.skip("this server was built without JIT")
    plan = conn.execute(f"EXPLAIN (ANALYZE) {READING}".encode()).fetchall()
    assert any("JIT" in line for (line,) in plan)


def recorded(audit: Audit, table: str) -> list[Any]:
    """What the log says of a table, but for what differs between any two: ids, times, addresses."""
    found = audit.activity(subject=table, limit=10_000)
    return [
        (one.operation, one.action, one.subject_id, one.previous_subject_id, one.changes, one.snapshot, one.metadata)
        for one in found
    ]  # fmt: skip


@pytest.mark.parametrize("forced", [parallel_query, jit])
def test_however_a_statement_is_planned_its_log_is_the_same(
    conn: Conn, audit: Audit, db: str, connect: Connect, forced: Any
) -> None:
    for table in ("plain", "forced"):
        conn.execute(CREATE.format(table).encode())
        audit.install(table)
    other = connect(db, autocommit=True)
    forced(other)
    for statement in WORKLOAD:
        conn.execute(statement.format("plain").encode())
        other.execute(statement.format("forced").encode())
    log = recorded(audit, "plain")
    assert len(log) > 200
    assert recorded(audit, "forced") == log
    assert recorded(Audit(other), "forced") == log
    for key in (1, 3, 103):
        one, same = audit.history("plain", key), Audit(other).history("forced", key)
        assert [(entry.operation, entry.state) for entry in same] == [(e.operation, e.state) for e in one]
    assert Audit(other).verify_table("forced") == []


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute(CREATE.format("t").encode())
    audit.install("t")
    conn.execute("INSERT INTO t SELECT i, i, 'title ' || i FROM generate_series(1, 4) AS i")
    return conn


def written(audit: Audit) -> list[tuple[str | None, str | None, Any]]:
    """Operation, key and numbers before and after of all that came after the first rows, oldest first."""
    return [
        (one.operation, one.subject_id, (one.changes["n"].old, one.changes["n"].new) if one.changes else None)
        for one in reversed(audit.activity(limit=1000).items)
    ][4:]


def test_where_current_of_a_cursor(t: Conn, audit: Audit) -> None:
    with t.transaction():
        t.execute("DECLARE walk CURSOR FOR SELECT * FROM t ORDER BY id FOR UPDATE")
        t.execute("MOVE 2 FROM walk; UPDATE t SET n = 20 WHERE CURRENT OF walk")
        t.execute("UPDATE t SET n = 21 WHERE CURRENT OF walk")  # the same row once more
        t.execute("FETCH walk")
        t.execute("DELETE FROM t WHERE CURRENT OF walk")
    assert written(audit) == [("U", "2", (2, 20)), ("U", "2", (20, 21)), ("D", "3", None)]


def test_loops_that_lock_what_they_read(t: Conn, audit: Audit) -> None:
    t.execute(
        """DO $$
           DECLARE
               item record;
               walk CURSOR FOR SELECT * FROM t WHERE id > 2 FOR UPDATE;
           BEGIN
               FOR item IN SELECT * FROM t WHERE id <= 2 ORDER BY id FOR UPDATE LOOP
                   UPDATE t SET n = item.n * 10 WHERE id = item.id;
                   UPDATE t SET n = t.n + 1 WHERE id = item.id;
               END LOOP;
               FOR item IN walk LOOP
                   BEGIN
                       UPDATE t SET n = 100 / (item.id - 3) WHERE CURRENT OF walk;
                   EXCEPTION WHEN division_by_zero THEN
                       DELETE FROM t WHERE CURRENT OF walk;
                   END;
               END LOOP;
           END $$"""
    )
    assert written(audit) == [
        ("U", "1", (1, 10)), ("U", "1", (10, 11)), ("U", "2", (2, 20)), ("U", "2", (20, 21)),
        ("D", "3", None), ("U", "4", (4, 100)),
    ]  # fmt: skip


def test_statements_within_a_statement(t: Conn, audit: Audit) -> None:
    """Each row is written by one of them, or is left alone: what is recorded is what became of it."""
    t.execute(
        """WITH changed AS (UPDATE t SET n = n + 10 WHERE id <= 2 RETURNING *),
                gone AS (DELETE FROM t WHERE id = 3 RETURNING *),
                come AS (INSERT INTO t SELECT id + 100, n FROM changed RETURNING *),
                unseen AS (UPDATE t SET n = 0 WHERE id = 4)
           INSERT INTO t SELECT id + 1000, n FROM gone UNION ALL SELECT id + 1000, n FROM come"""
    )
    query = """SELECT operation, subject_id::int, coalesce(changes -> 'n' ->> 'new', snapshot ->> 'n')::int
               FROM pgaudit_py.activity_log WHERE id > 4"""
    assert sorted(t.execute(query).fetchall()) == [
        ("D", 3, 3), ("I", 101, 11), ("I", 102, 12), ("I", 1003, 3), ("I", 1101, 11), ("I", 1102, 12),
        ("U", 1, 11), ("U", 2, 12), ("U", 4, 0),
    ]  # fmt: skip


def test_two_of_them_that_write_one_row(t: Conn, audit: Audit) -> None:
    """PostgreSQL does one of the two: the log says which."""
    t.execute(
        """WITH one AS (UPDATE t SET n = 10 RETURNING 1), other AS (UPDATE t SET n = 20 RETURNING 1),
                third AS (DELETE FROM t RETURNING 1) SELECT FROM one, other, third"""
    )
    keys = [str(key) for _, key, _ in written(audit)]
    assert sorted(keys) == ["1", "2", "3", "4"]
    left = {str(key): n for key, n in t.execute("SELECT id, n FROM t").fetchall()}
    for operation, key, numbers in written(audit):
        assert (operation, numbers) == (("U", (int(key), left[key])) if key in left else ("D", None))


def test_functions_that_write_while_a_statement_runs(t: Conn, audit: Audit) -> None:
    t.execute(
        """CREATE FUNCTION add(key int) RETURNS int LANGUAGE plpgsql AS
           $$BEGIN UPDATE t SET n = n + 100 WHERE id = key; RETURN key; END$$"""
    )
    t.execute("INSERT INTO t SELECT add(i) + 10, i FROM generate_series(1, 2) AS i")
    t.execute("UPDATE t SET n = n + 1 WHERE id <= 2 AND add(id + 10) > 0")
    t.execute("SELECT add(id) FROM t WHERE id > 10 ORDER BY id")
    found = [one for one in written(audit) if one[0] == "U"]
    assert sorted(found, key=str) == [
        ("U", "1", (1, 101)), ("U", "1", (101, 102)), ("U", "11", (1, 101)), ("U", "11", (101, 201)),
        ("U", "12", (102, 202)), ("U", "12", (2, 102)), ("U", "2", (102, 103)), ("U", "2", (2, 102)),
    ]  # fmt: skip


def test_a_trigger_that_comes_at_the_commit(t: Conn, audit: Audit) -> None:
    """What it writes is recorded under whoever acted in the transaction."""
    t.execute(
        """CREATE FUNCTION pass_on() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN UPDATE t SET n = n + 100 WHERE id = new.id + 1; RETURN NULL; END$$;
           CREATE CONSTRAINT TRIGGER "00" AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW WHEN (new.n < 100) EXECUTE FUNCTION pass_on()"""
    )
    with t.transaction():
        set_actor(t, 7)
        t.execute("UPDATE t SET n = n + 10 WHERE id <= 2")
        assert len(written(audit)) == 2
    assert written(audit) == [
        ("U", "1", (1, 11)), ("U", "2", (2, 12)), ("U", "2", (12, 112)), ("U", "3", (3, 103)),
    ]  # fmt: skip
    assert {one.causer for one in audit.activity(action="updated")} == {"7"}


def test_transactions_that_end_within_a_statement(t: Conn, audit: Audit) -> None:
    """A procedure commits and rolls back; who acts is said anew in each transaction, also in one that is chained to the last."""
    t.execute(
        """CREATE PROCEDURE work() LANGUAGE plpgsql AS $$BEGIN
               FOR i IN 1..4 LOOP
                   PERFORM pgaudit_py.set_actor('loop ' || i);
                   UPDATE t SET n = n + 10 WHERE id = i;
                   IF i % 2 = 0 THEN COMMIT; ELSE ROLLBACK; END IF;
               END LOOP;
               UPDATE t SET n = n + 10 WHERE id = 1;
               COMMIT AND CHAIN;
               UPDATE t SET n = n + 10 WHERE id = 3;
           END$$"""
    )
    t.execute("CALL work()")
    t.execute("BEGIN; SELECT pgaudit_py.set_actor('bob'); UPDATE t SET n = 0 WHERE id = 1; COMMIT AND CHAIN")
    t.execute("UPDATE t SET n = 0 WHERE id = 2; ROLLBACK AND CHAIN; UPDATE t SET n = 0 WHERE id = 3; COMMIT")
    said = [
        (one.causer, one.subject_id, one.metadata) for one in reversed(audit.activity(action="updated").items)
    ]
    assert said == [
        ("loop 2", "2", {}), ("loop 4", "4", {}), (None, "1", {}), (None, "3", {}), ("bob", "1", {}), (None, "3", {}),
    ]  # fmt: skip
    assert len({one.transaction_id for one in audit.activity(action="updated")}) == 6


def test_a_copy_of_a_table_has_no_trail(t: Conn, audit: Audit) -> None:
    """LIKE copies no triggers; and what is installed on the copy is a history of its own."""
    t.execute("CREATE TABLE copy (LIKE t INCLUDING ALL); INSERT INTO copy SELECT * FROM t; TRUNCATE copy")
    assert written(audit) == []
    assert audit.install("copy").outcome == "installed"
    t.execute("INSERT INTO copy VALUES (1, 5); UPDATE t SET n = 6 WHERE id = 1")
    assert [one.action for one in audit.history("copy", 1)] == ["created"]
    assert [one.action for one in audit.history("t", 1)] == ["created", "updated"]


ALTERATIONS: tuple[
    tuple[str, dict[str, Any]], ...
] = (  # and what else than id and n the rows have afterwards; a doc that is NULL is absent
    ("ALTER TABLE t ADD added text DEFAULT 'here'", {"title": None, "added": "here"}),
    ("ALTER TABLE t DROP title", {"added": "here"}),
    ("ALTER TABLE t ALTER n TYPE numeric(12, 2)", {"added": "here"}),
    ("ALTER TABLE t ALTER added DROP DEFAULT, ALTER added TYPE int USING length(added)", {"added": None}),
    ("ALTER TABLE t DROP added, DROP doc, ADD more jsonb DEFAULT '{}'", {"more": {}}),
)


@pytest.mark.parametrize("whose", ["another session's", "its own"])
@pytest.mark.parametrize("way", ["PREPARE", "by psycopg"])
def test_prepared_statements_across_alterations(
    t: Conn, audit: Audit, db: str, connect: Connect, way: str, whose: str
) -> None:
    """The plan is older than the table: of the statement, and of everything that capture runs."""
    writer = connect(db, autocommit=True)
    writer.execute("SET plan_cache_mode = force_generic_plan")
    writer.execute("PREPARE change (int, int) AS UPDATE t SET n = n + $1 WHERE id = $2")
    writer.execute("PREPARE come (int, int) AS INSERT INTO t (id, n) VALUES ($1, $2)")
    writer.execute("PREPARE go (int) AS DELETE FROM t WHERE id = $1")

    def run(change: int, key: int) -> None:
        if way == "PREPARE":
            writer.execute(f"EXECUTE change({change}, 1); EXECUTE come({key}, 0); EXECUTE go({key})".encode())
            return
        writer.execute("UPDATE t SET n = n + %s WHERE id = %s", [change, 1], prepare=True)
        writer.execute("INSERT INTO t (id, n) VALUES (%s, %s)", [key, 0], prepare=True)
        writer.execute("DELETE FROM t WHERE id = %s", [key], prepare=True)

    for _ in range(3):
        run(1, 50)
    for number, (alteration, others) in enumerate(ALTERATIONS, start=1):
        (writer if whose == "its own" else t).execute(alteration.encode())
        for key in (50 + number, 60 + number):
            before = t.execute("SELECT n FROM t WHERE id = 1").fetchall()[0][0]
            run(10 * number, key)
            deleted, created, updated = audit.activity(limit=3)
            assert (updated.changes["n"].old, updated.changes["n"].new) == (before, before + 10 * number)
            assert created.snapshot == deleted.snapshot == {"id": key, "n": 0, **others}
    audit.install("t")
    run(1000, 99)
    assert [one.operation for one in audit.activity(limit=3)] == ["D", "I", "U"]
