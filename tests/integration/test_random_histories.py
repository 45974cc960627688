"""Random writes, with a constant in each row that tells the record whatever its key; and the table, looked at after each
transaction, tells what its history must be. PGAUDIT_PY_HISTORIES=1000 tries as many, PGAUDIT_PY_HISTORIES=7- one."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

import psycopg
import pytest

from pgaudit_py import Audit
from pgaudit_py.errors import VersionNotFound
from pgaudit_py.records import HistoryEntry
from tests.conftest import Conn, Connect

Rows: TypeAlias = dict[int, dict[str, Any]]
"""The table at a time: the constant that tells a record, and its state."""

KEYS = range(1, 9)

wanted = os.environ.get("PGAUDIT_PY_HISTORIES", "10")
SEEDS = [int(wanted[:-1])] if wanted.endswith("-") else range(int(wanted))

TABLE = """
CREATE SEQUENCE persons;
CREATE TABLE t (
    id int PRIMARY KEY, who int NOT NULL DEFAULT nextval('persons'), n int NOT NULL DEFAULT 0, s text, doc jsonb);
CREATE FUNCTION free(wanted int[]) RETURNS SETOF int LANGUAGE sql AS
    'SELECT k FROM unnest(wanted) AS k WHERE NOT EXISTS (SELECT FROM t WHERE id = k)';
"""
OLDER = "INSERT INTO t (id, n) SELECT k, k FROM generate_series(1, 7, 2) AS k"

TRIGGERS = {
    "none": "",
    "same row": "UPDATE t SET n = n + 100 WHERE who = NEW.who AND n % 3 = 0;",
    # What the next rows of the statement become is done, and recorded, before their own change is.
    "siblings": "UPDATE t SET n = n + 100, s = 'by ' || NEW.who WHERE id IN (NEW.id + 1, NEW.id - 1);",
    "snapshots": "PERFORM pgaudit_py.snapshot('t', id::text) FROM t WHERE id BETWEEN NEW.id - 1 AND NEW.id + 1;",
    "siblings and snapshots": """UPDATE t SET n = n + 100 WHERE id IN (NEW.id + 1, NEW.id - 1);
        PERFORM pgaudit_py.snapshot('t', id::text) FROM t WHERE id IN (NEW.id, NEW.id + 1);
        UPDATE t SET n = n - 50 WHERE id = NEW.id + 1;""",
    "siblings go": "DELETE FROM t WHERE id = NEW.id + 1 AND n % 4 = 0;",
}


def statements(chance: random.Random, *, alone: bool) -> list[str]:
    """One to three statements that belong together; alone: no other transaction is open."""

    def keys(most: int = 4) -> str:
        return ", ".join(str(key) for key in chance.sample(KEYS, chance.randint(1, most)))

    n, key, other = chance.randint(1, 9), chance.choice(KEYS), chance.choice(KEYS)
    choices: list[tuple[int, Callable[[], list[str]]]] = [
        (4, lambda: [f"INSERT INTO t (id, n) SELECT k, k + {n} FROM free(ARRAY[{keys()}]) AS k"]),
        (5, lambda: [f"UPDATE t SET n = n + {n} WHERE id IN ({keys()})"]),
        (2, lambda: [f"UPDATE t SET n = {n % 2}, s = 's{n}' WHERE id IN ({keys()})"]),
        (2, lambda: [f"UPDATE t SET s = nullif('s{n % 3}', 's0'), doc = '{{\"a\": {n}}}' WHERE id IN ({keys()})"]),
        (1, lambda: ["UPDATE t SET doc = CASE WHEN doc IS NULL THEN 'null'::jsonb WHEN doc = 'null' THEN '[1.0]' END"]),
        (2, lambda: [f"UPDATE t SET n = n, s = s WHERE id IN ({keys()})"]),
        (2, lambda: [f"DELETE FROM t WHERE id IN ({keys(2)})"]),
        (2, lambda: [f"DELETE FROM t WHERE id = {key}", f"INSERT INTO t (id, n) SELECT free(ARRAY[{key}]), {n}"]),
        (2, lambda: [f"UPDATE t SET id = k FROM free(ARRAY[{other}]) AS k WHERE id = {key}"]),
        (1, lambda: ["UPDATE t SET id = -1 WHERE id = 1", "UPDATE t SET id = 1 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = -1"]),
        (1, lambda: [f"UPDATE t SET id = id + 20 WHERE id < 20 AND id IN ({keys()})", "UPDATE t SET id = id - 20 WHERE id > 20"]),
        (2, lambda: [f"""MERGE INTO t USING (SELECT k FROM unnest(ARRAY[{keys()}]) AS k) AS new ON id = k
                         WHEN MATCHED AND n % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET n = n + 1
                         WHEN NOT MATCHED THEN INSERT (id, n) VALUES (k, {n})"""]),
        (1, lambda: ["INSERT INTO t (id) SELECT g FROM generate_series(1, 3) AS g ON CONFLICT DO NOTHING"]),
        (3, lambda: [f"SELECT pgaudit_py.snapshot('t', id::text, 'some') FROM t WHERE id IN ({keys()})"]),
        (1, lambda: [f"SELECT pgaudit_py.snapshot('t', '{key}')", f"UPDATE t SET n = n + 1 WHERE id = {key}"] * 2),
        (1 if alone else 0, lambda: ["TRUNCATE t", f"INSERT INTO t (id, n) VALUES ({key}, {n})"]),
    ]  # fmt: skip
    (chosen,) = chance.choices([make for _, make in choices], [weight for weight, _ in choices])
    return chosen()


@dataclass
class World:
    """A table under audit, the sessions that write to it, and what was seen after each transaction."""

    chance: random.Random
    sessions: list[Conn]
    watcher: Conn
    after: dict[int, Rows] = field(default_factory=dict)  # by transaction
    quiet: list[tuple[datetime, Rows]] = field(default_factory=list)  # at times when nobody was writing

    def rows(self) -> Rows:
        found = self.watcher.execute(
            """SELECT who, jsonb_build_object('id', id, 'who', who, 'n', n, 's', s)
                           || CASE WHEN doc IS NULL THEN '{}' ELSE jsonb_build_object('doc', doc) END FROM t"""
        )
        return dict(found.fetchall())

    def look(self) -> None:
        """Remember what the table is, where nobody is writing."""
        (now,) = self.watcher.execute("SELECT clock_timestamp()").fetchone() or (None,)
        assert now is not None
        self.quiet.append((now, self.rows()))

    def write(self, conn: Conn, *, alone: bool) -> None:
        """Run some statements, perhaps in a savepoint that is given up."""
        conn.execute("SELECT")  # begins the transaction, so that what follows is a savepoint
        given_up = self.chance.random() < 0.15
        with suppress(psycopg.Error), conn.transaction(force_rollback=given_up):
            for statement in statements(self.chance, alone=alone):
                conn.execute(statement)

    def commit(self, conn: Conn) -> None:
        (transaction,) = conn.execute("SELECT pg_current_xact_id_if_assigned()::text::bigint").fetchone() or (
            None,
        )
        conn.commit()
        if transaction is not None:
            self.after[transaction] = self.rows()

    def one_after_another(self) -> None:
        conn = self.chance.choice(self.sessions)
        for _ in range(self.chance.choice([1, 1, 2, 4])):
            self.write(conn, alone=True)
        self.commit(conn)
        self.look()

    def both_at_once(self) -> None:
        order = [0, 1] * self.chance.randint(1, 3)
        self.chance.shuffle(order)
        for number in order:
            self.write(self.sessions[number], alone=False)
        for number in self.chance.sample([0, 1], 2):
            self.commit(self.sessions[number])
        self.look()

    def baseline(self) -> None:
        """Record the state of every row of which the log does not tell everything, or of every row."""
        Audit(self.watcher).baseline("t", again=self.chance.random() < 0.5)
        taken = self.watcher.execute(
            "SELECT DISTINCT transaction_id FROM pgaudit_py.activity_log WHERE metadata ->> '_label' = 'baseline'"
        )
        self.after |= {transaction: self.rows() for (transaction,) in taken if transaction not in self.after}
        needing_the_table = self.watcher.execute(
            """SELECT id FROM t WHERE NOT EXISTS (
                   SELECT FROM pgaudit_py.subject_lives('t', t.id::text) AS v JOIN pgaudit_py.activity_log AS l USING (id)
                   WHERE l.operation IN ('I', 'S') AND v.life = (
                       SELECT max(life) FROM pgaudit_py.subject_lives('t', t.id::text)))"""
        )
        assert needing_the_table.fetchall() == []

    def tidy(self) -> None:
        """Let addresses be used again, or move every row."""
        self.watcher.execute(self.chance.choice(["VACUUM t", "VACUUM FULL t"]))


def make_world(chance: random.Random, connect: Callable[[], Conn], conn: Conn) -> World:
    """Make a table with or without triggers of its own, and write to it at random."""
    conn.execute(TABLE)
    # Of rows that are older than the trail a TRUNCATE that does not record them would leave nothing known.
    if older := chance.random() < 0.5:
        conn.execute(OLDER)
    snapshots: Literal["changes", "all"] = chance.choice(["changes", "changes", "all"])
    trigger = chance.choice(list(TRIGGERS))
    Audit(conn).install("t", truncate_rows=100 if older else 3, snapshots=snapshots)
    if action := TRIGGERS[trigger]:
        conn.execute(
            f"""CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF pg_trigger_depth() < {chance.choice([2, 2, 3])} THEN {action} END IF; RETURN NULL; END $$;
                CREATE TRIGGER touch AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()"""
        )
    world = World(chance, [connect(), connect()], conn)
    world.look()
    for _ in range(25):
        acts = [world.one_after_another, world.both_at_once, world.tidy, world.baseline]
        (act,) = chance.choices(acts, [12, 6, 2, 1])
        act()
    return world


@pytest.fixture
def world(request: pytest.FixtureRequest, db: str, connect: Connect, conn: Conn) -> World:
    options = "-c lock_timeout=20ms -c deadlock_timeout=10ms"
    return make_world(random.Random(request.param), lambda: connect(db, options=options), conn)


def lives(audit: Audit, world: World) -> dict[int, list[HistoryEntry]]:
    """What the histories of all keys tell about each record."""
    keys = world.watcher.execute(
        """SELECT subject_id FROM pgaudit_py.activity_log WHERE subject_id IS NOT NULL
           UNION SELECT previous_subject_id FROM pgaudit_py.activity_log WHERE previous_subject_id IS NOT NULL"""
    )
    told: dict[int, list[HistoryEntry]] = {}
    for (key,) in keys.fetchall():
        by_life = defaultdict(list)
        for entry in audit.history("t", key):
            by_life[entry.life].append(entry)
        for entries in by_life.values():
            who = {entry.state["who"] for entry in entries if entry.state}
            assert len(who) == 1, f"the history of {key} mixes {who}"
            same = told.setdefault(who.pop(), entries)
            assert [entry.id for entry in same] == [entry.id for entry in entries]
        assert [one.id for one in audit.versions("t", key)] == [
            entry.id for entries in by_life.values() for entry in entries if entry.operation != "T"
        ]
    return told


@pytest.mark.parametrize("world", SEEDS, indirect=True)
def test_the_log_tells_what_was(world: World, audit: Audit) -> None:
    assert audit.verify_table("t") == []
    told = lives(audit, world)
    recorded = world.watcher.execute("SELECT count(*) FROM pgaudit_py.activity_log WHERE operation <> 'T'")
    ids = {entry.id for entries in told.values() for entry in entries if entry.operation != "T"}
    assert recorded.fetchone() == (len(ids),)
    for who, entries in told.items():
        for transaction, entry in {entry.transaction_id: entry for entry in entries}.items():
            left = None if entry.operation in "DT" else entry.state
            assert left == world.after[transaction].get(who), f"record {who} after transaction {transaction}"
        for entry in entries:
            assert entry.operation == "T" or audit.version(entry.id) == entry.state
    for at, rows in [world.quiet[0], *world.chance.sample(world.quiet, 6)]:
        by_key = {row["id"]: row for row in rows.values()}
        for key in {entry.key for entries in told.values() for entry in entries if entry.key}:
            true = by_key.get(int(key))
            assert told_at(audit, key, at) == true, f"{key} at {at}"


def told_at(audit: Audit, key: str, at: datetime) -> Any:
    """The record; None also where a TRUNCATE took, unrecorded, a row of which nothing is known."""
    try:
        return audit.record_at("t", key, at=at)
    except VersionNotFound:
        return None
