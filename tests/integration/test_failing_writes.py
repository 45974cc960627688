"""A write that fails leaves no trace in the log, and one that cannot be recorded fails: both or neither."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

import psycopg
import pytest

from pgaudit_py import Audit
from tests.conftest import Conn, Connect, until_somebody_waits

pytestmark = pytest.mark.every_major

STATEMENTS = {
    "insert": "INSERT INTO t SELECT i, i FROM generate_series(10, 12) AS i",
    "update": "UPDATE t SET n = n + 1",
    "delete": "DELETE FROM t",
    "truncate": "TRUNCATE t",
    "drifted": "UPDATE t SET late = 2",
}


@pytest.fixture
def t(conn: Conn, audit: Audit) -> Conn:
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    audit.install("t")
    conn.execute("INSERT INTO t SELECT i, i FROM generate_series(1, 3) AS i")
    return conn


def told(conn: Conn) -> tuple[Any, Any]:
    """The table and the log."""
    return (
        conn.execute("SELECT * FROM t ORDER BY id").fetchall(),
        conn.execute("SELECT * FROM pgaudit_py.activity_log ORDER BY id").fetchall(),
    )


# --- interrupted while it is being recorded ------------------------------------------------------


def cancelled(writer: Conn, conn: Conn) -> None:
    writer.cancel_safe()


def cancelled_by_another(writer: Conn, conn: Conn) -> None:
    conn.execute("SELECT pg_cancel_backend(%s)", [writer.info.backend_pid])


def terminated(writer: Conn, conn: Conn) -> None:
    conn.execute("SELECT pg_terminate_backend(%s)", [writer.info.backend_pid])


Stop: TypeAlias = Callable[[Conn, Conn], None] | str
"""What is done to a writer that waits; or a setting, by which the server does it."""
WAYS: list[tuple[Stop, type[psycopg.Error]]] = [
    ("SET statement_timeout = 100", psycopg.errors.QueryCanceled),
    ("SET lock_timeout = 50", psycopg.errors.LockNotAvailable),
    (cancelled, psycopg.errors.QueryCanceled),
    (cancelled_by_another, psycopg.errors.QueryCanceled),
    (terminated, psycopg.OperationalError),
]


def interrupted(writer: Conn, conn: Conn, statement: str, table: str, stop: Stop) -> psycopg.Error:
    """Run a statement that has to wait for a table, stop it there, and give its error."""
    if isinstance(stop, str):
        writer.execute(stop.encode())
        with pytest.raises(psycopg.Error) as caught:
            writer.execute(statement.encode())
        return caught.value
    running = Future[Any]()

    def write() -> None:
        try:
            running.set_result(writer.execute(statement.encode()))
        except psycopg.Error as error:
            running.set_exception(error)

    threading.Thread(target=write).start()
    until_somebody_waits(conn, table)
    stop(writer, conn)
    error = running.exception(20)
    assert isinstance(error, psycopg.Error)
    return error


@pytest.mark.parametrize("kind", STATEMENTS)
@pytest.mark.parametrize(("stop", "error"), WAYS)
def test_a_write_that_is_stopped_while_its_capture_waits_for_the_log(
    t: Conn, db: str, connect: Connect, kind: str, stop: Stop, error: type[psycopg.Error]
) -> None:
    if kind == "drifted":
        t.execute("ALTER TABLE t ADD late int DEFAULT 1")
    before = told(t)
    holder, writer = connect(db), connect(db, autocommit=True)
    holder.execute("LOCK TABLE pgaudit_py.activity_log IN SHARE MODE")
    found = interrupted(writer, t, STATEMENTS[kind], "pgaudit_py.activity_log", stop)
    assert isinstance(found, error)
    holder.rollback()
    assert told(t) == before
    t.execute(STATEMENTS[kind].encode())  # nothing is in its way any more
    assert told(t)[1] != before[1]


@pytest.mark.parametrize(("stop", "error"), WAYS)
def test_a_write_that_is_stopped_after_some_of_its_rows_were_recorded(
    t: Conn, db: str, connect: Connect, stop: Stop, error: type[psycopg.Error]
) -> None:
    t.execute(
        """CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN PERFORM 1 FROM gate WHERE new.id = 2; RETURN NULL; END$$;
           CREATE TABLE gate (shut int); INSERT INTO gate VALUES (1);
           CREATE TRIGGER wait AFTER UPDATE ON t FOR EACH ROW WHEN (new.id = 2) EXECUTE FUNCTION wait()"""
    )
    before = told(t)
    holder, writer = connect(db), connect(db, autocommit=True)
    holder.execute("LOCK TABLE gate")
    found = interrupted(writer, t, STATEMENTS["update"], "gate", stop)
    assert isinstance(found, error)
    holder.rollback()
    assert told(t) == before


# --- failing at the commit -----------------------------------------------------------------------

DEFERRED = {
    "foreign key": (
        "CREATE TABLE child (id int PRIMARY KEY, t_id int REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO child VALUES (1, 99)",
        psycopg.errors.ForeignKeyViolation,
    ),
    "unique": (
        "CREATE TABLE child (id int PRIMARY KEY, t_id int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO child VALUES (1, 1), (2, 1)",
        psycopg.errors.UniqueViolation,
    ),
    "primary key": (
        "CREATE TABLE child (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, t_id int)",
        "INSERT INTO child VALUES (1, 1), (1, 2)",
        psycopg.errors.UniqueViolation,
    ),
    "constraint trigger": (
        """CREATE TABLE child (id int PRIMARY KEY, t_id int);
           CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
               $$BEGIN RAISE check_violation USING MESSAGE = 'refused'; END$$;
           CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON child DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW EXECUTE FUNCTION refuse()""",
        "INSERT INTO child VALUES (1, 1)",
        psycopg.errors.CheckViolation,
    ),
}


@pytest.mark.parametrize("what", DEFERRED)
def test_a_constraint_that_fails_at_the_commit(
    t: Conn, audit: Audit, db: str, connect: Connect, what: str
) -> None:
    create, statement, error = DEFERRED[what]
    t.execute(create.encode())
    audit.install("child")
    before = told(t)
    writer = connect(db)
    writer.execute("UPDATE t SET n = n + 1; DELETE FROM t WHERE id = 3")
    writer.execute(statement.encode())
    assert told(writer) != before
    with pytest.raises(error):
        writer.commit()
    assert told(t) == before
    assert t.execute("SELECT count(*) FROM child").fetchone() == (0,)


# --- what cannot be recorded is not written ------------------------------------------------------

BREAK = {
    "no partition": ("ALTER TABLE pgaudit_py.activity_log DETACH PARTITION {partition};"
                     "ALTER TABLE pgaudit_py.activity_log DETACH PARTITION pgaudit_py.activity_log_default",
                     "ALTER TABLE pgaudit_py.activity_log ATTACH PARTITION pgaudit_py.activity_log_default DEFAULT"),
    "a check": ("ALTER TABLE pgaudit_py.activity_log ADD CONSTRAINT mine CHECK (id < 0) NOT VALID",
                "ALTER TABLE pgaudit_py.activity_log DROP CONSTRAINT mine"),
    "a trigger": ("""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'refused'; END$$;
                     CREATE TRIGGER mine BEFORE INSERT ON pgaudit_py.activity_log FOR EACH ROW EXECUTE FUNCTION refuse()""",
                  "DROP TRIGGER mine ON pgaudit_py.activity_log"),
    "no column": ("ALTER TABLE pgaudit_py.activity_log RENAME user_agent TO agent",
                  "ALTER TABLE pgaudit_py.activity_log RENAME agent TO user_agent"),
    "no log": ("ALTER TABLE pgaudit_py.activity_log RENAME TO elsewhere",
               "ALTER TABLE pgaudit_py.elsewhere RENAME TO activity_log"),
}  # fmt: skip


@pytest.mark.parametrize("kind", STATEMENTS)
@pytest.mark.parametrize("broken", BREAK)
def test_what_cannot_be_recorded_is_refused_and_says_why(t: Conn, broken: str, kind: str) -> None:
    if kind == "drifted":
        t.execute("ALTER TABLE t ADD late int DEFAULT 1")
    partition = "SELECT DISTINCT tableoid::regclass::text FROM pgaudit_py.activity_log"
    breaking, mending = BREAK[broken]
    before = told(t)
    t.execute(breaking.format(partition=t.execute(partition.encode()).fetchall()[0][0]).encode())
    with pytest.raises(psycopg.Error) as caught:
        t.execute(STATEMENTS[kind].encode())
    assert "PL/pgSQL function pgaudit_py.capture_1" in (caught.value.diag.context or "")
    t.execute(mending.encode())
    assert (told(t)[0], len(told(t)[1])) == (before[0], 0 if broken == "no partition" else 3)


def test_a_truncate_loses_no_rows_because_the_log_refused_them(t: Conn, audit: Audit) -> None:
    """Rows that cannot be read are let go with a warning; rows that could be read are not."""
    t.execute("ALTER TABLE pgaudit_py.activity_log ADD CONSTRAINT mine CHECK (operation <> 'D')")
    with pytest.raises(psycopg.errors.CheckViolation, match="activity_log"):
        t.execute("TRUNCATE t")
    t.execute("ALTER TABLE pgaudit_py.activity_log DROP CONSTRAINT mine")
    t.execute("TRUNCATE t")
    assert [one.operation for one in audit.activity(limit=4)] == ["T", "D", "D", "D"]
