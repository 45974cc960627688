"""Random work on a table, and then: every record at every moment is what a witness saw, and nobody is taken for another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import Any

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import RecordNotFound, RestoreConflict
from tests.conftest import Conn

KEYS = range(1, 7)
TABLE = "CREATE TABLE t (id int PRIMARY KEY {}, secret int, n int, doc jsonb)"  # secret says who is who
TOUCH = """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
        IF pg_trigger_depth() = 1 THEN UPDATE t SET n = n + 1000 WHERE id = NEW.id % 6 + 1; END IF; RETURN NULL;
    END$$;
    CREATE TRIGGER "{}" AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"""


def statement(chance: random.Random, secrets: Iterator[int], *, keys_move: bool) -> str:
    """Make up a statement; one that breaks the key is rolled back."""
    one, other = chance.choice(KEYS), chance.choice(KEYS)
    moves = [
        "UPDATE t SET id = 7 - id",
        "UPDATE t SET id = id % 6 + 1, n = n + 1",
        f"UPDATE t SET id = {one} WHERE id = {other}",
        f"UPDATE t SET id = CASE id WHEN {one} THEN {other} ELSE {one} END WHERE id IN ({one}, {other})",
    ]
    others = [
        f"INSERT INTO t VALUES ({one}, {next(secrets)}, 0)",
        f"INSERT INTO t SELECT i, {next(secrets)} * 10 + i, 0 FROM generate_series(1, 6) AS i ON CONFLICT DO NOTHING",
        f"INSERT INTO t SELECT i, {next(secrets)} * 10 + i, 0 FROM generate_series(1, 3) AS i ON CONFLICT (id) DO UPDATE SET n = 7",
        f"UPDATE t SET n = n + 1 WHERE id % {chance.choice(KEYS)} = 0",
        """UPDATE t SET doc = CASE WHEN doc IS NULL THEN '{}'::jsonb WHEN doc = '{}' THEN 'null' END""",
        f"DELETE FROM t WHERE id IN ({one}, {other})",
    ]
    return chance.choice(moves + others if keys_move else others)


class Work:
    """Somebody works on `t`; a copy, taken after each transaction, is the witness."""

    def __init__(self, conn: Conn, seed: int) -> None:
        self.conn, self.audit = conn, Audit(conn)
        self.chance, self.secrets = random.Random(seed), count(1)
        self.seen: dict[datetime, dict[int, Any]] = {}

    def look(self) -> None:
        at = self.conn.execute("SELECT clock_timestamp()").fetchall()[0][0]
        rows = self.conn.execute("SELECT id, to_jsonb(t) - 'doc' || CASE WHEN doc IS NULL THEN '{}' "
                                 "ELSE jsonb_build_object('doc', doc) END FROM t").fetchall()  # fmt: skip
        self.seen[at] = dict(rows)

    def transaction(self, *, keys_move: bool) -> None:
        broken = (psycopg.errors.UniqueViolation, psycopg.errors.CardinalityViolation)
        with suppress(*broken), self.conn.transaction(force_rollback=self.chance.random() < 0.1):
            for _ in range(self.chance.randint(1, 4)):
                self.savepoint(broken, keys_move=keys_move)
        self.look()

    def savepoint(self, broken: tuple[type[Exception], ...], *, keys_move: bool) -> None:
        with suppress(*broken), self.conn.transaction(force_rollback=self.chance.random() < 0.2):
            for _ in range(self.chance.randint(1, 2)):
                self.conn.execute(statement(self.chance, self.secrets, keys_move=keys_move).encode())

    def restore(self) -> None:
        ids = self.conn.execute("SELECT id FROM pgaudit_py.activity_log WHERE operation IN ('I', 'U', 'D')")
        if found := ids.fetchall():
            with suppress(RestoreConflict):
                self.audit.restore(version=self.chance.choice(found)[0])
            self.look()

    def compare(self) -> None:
        for at, rows in self.seen.items():
            for key in KEYS:
                try:
                    state = self.audit.record_at("t", key, at=at)
                except RecordNotFound:
                    state = None
                assert state == rows.get(key), (at, key)
        for key in KEYS:
            lives: dict[int, set[int]] = {}
            for entry in self.audit.history("t", key):
                assert entry.state is not None
                assert entry.state == self.audit.version(entry.id)
                lives.setdefault(entry.life, set()).add(entry.state["secret"])
            assert all(len(secrets) == 1 for secrets in lives.values()), (key, lives)


@pytest.mark.parametrize("snapshots", ["changes", "all"])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happened(conn: Conn, seed: int, snapshots: str) -> None:
    """Keys that move, savepoints and rollbacks, upserts, records older than the trail, restores."""
    work = Work(conn, seed)
    conn.execute(TABLE.format("").encode())
    conn.execute("INSERT INTO t SELECT i, -i, 0 FROM generate_series(1, 3) AS i")
    work.audit.install("t", snapshots=snapshots)
    work.look()
    for _ in range(10):
        work.transaction(keys_move=True)
        if work.chance.random() < 0.2:
            work.restore()
    work.compare()


@pytest.mark.parametrize("trigger", ["00", "zz"])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_happened_beside_a_trigger_that_touches_siblings(
    conn: Conn, seed: int, trigger: str
) -> None:
    work = Work(conn, seed)
    conn.execute(TABLE.format("").encode())
    work.audit.install("t")
    conn.execute(TOUCH.format(trigger).encode())
    for _ in range(10):
        work.transaction(keys_move=False)
    work.compare()


@pytest.mark.parametrize("moves", ["7 - id", "id % 6 + 1"])
def test_keys_that_trade_places(conn: Conn, moves: str) -> None:
    work = Work(conn, 0)
    conn.execute(TABLE.format("DEFERRABLE INITIALLY DEFERRED").encode())
    conn.execute("INSERT INTO t SELECT i, -i, 0 FROM generate_series(1, 6) AS i")
    work.audit.install("t")
    for _ in range(3):
        with conn.transaction():
            conn.execute(f"UPDATE t SET id = {moves}, n = n + 1".encode())
            conn.execute(f"UPDATE t SET id = {moves}".encode())
        work.look()
    work.compare()
