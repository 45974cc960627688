"""pgbench's own tables and load, audited: nothing lost, nothing wrong, every account rebuilt at earlier times."""

from __future__ import annotations

import random
import subprocess
from datetime import datetime
from typing import Any

from pgaudit_py import Audit
from pgaudit_py.embedded import EmbeddedServer
from tests.conftest import Connect

CLIENTS, TRANSACTIONS = 4, 100
TABLES = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers", "pgbench_history")


def pgbench(server: EmbeddedServer, dsn: str, *arguments: str) -> str:
    done = subprocess.run(
        [server.tool("pgbench"), *arguments, dsn], check=True, capture_output=True, text=True, cwd="/"
    )
    return done.stdout


def test_the_tpc_b_load(server: EmbeddedServer, db: str, connect: Connect) -> None:
    pgbench(server, db, "-i", "-s", "1", "-q")
    conn = connect(db, autocommit=True)
    # Nobody else sees what an account was: a copy, taken before and between the runs, is the witness.
    conn.execute("CREATE TABLE witness (at timestamptz, aid int, abalance int)")
    audit = Audit(conn)
    for table in TABLES:
        audit.install(table)

    pgbench(
        server, db, "-c", str(CLIENTS), "-t", str(TRANSACTIONS), "-j", "2"
    )  # truncates pgbench_history first
    moments = [witness(conn)]
    pgbench(server, db, "-n", "-c", str(CLIENTS), "-t", str(TRANSACTIONS), "-j", "2")
    moments.append(witness(conn))
    pgbench(server, db, "-n", "-c", str(CLIENTS), "-t", str(TRANSACTIONS), "-j", "2")

    runs = 3 * CLIENTS * TRANSACTIONS
    counted = dict(
        conn.execute(
            "SELECT subject_type, count(*) FROM pgaudit_py.activity_log WHERE operation <> 'T' GROUP BY 1"
        ).fetchall()
    )
    no_ops = 0  # a delta of 0 changes nothing: pgbench draws from -5000 to 5000
    for (delta,) in conn.execute("SELECT delta FROM pgbench_history"):
        no_ops += delta == 0
    assert counted["pgbench_history"] == runs
    for table in ("pgbench_accounts", "pgbench_branches", "pgbench_tellers"):
        assert counted[table] == runs - no_ops

    together = conn.execute(
        """SELECT count(*), count(DISTINCT subject_type) FROM pgaudit_py.activity_log
           WHERE transaction_id IN (SELECT transaction_id FROM pgaudit_py.activity_log
                                    WHERE subject_type = 'pgbench_accounts')
           GROUP BY transaction_id"""
    ).fetchall()
    assert set(together) == {(4, 4)}

    for table in TABLES:
        assert audit.verify_table(table) == []
    rebuild(conn, audit, moments)
    rebuild_at_any_time(conn, audit)
    deadlocks = conn.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert deadlocks.fetchone() == (0,)


def witness(conn: Any) -> datetime:
    """Note what the accounts are now, and when that was."""
    (at,) = conn.execute("SELECT clock_timestamp()").fetchone()
    conn.execute("INSERT INTO witness SELECT %s, aid, abalance FROM pgbench_accounts", [at])
    return at  # type: ignore[no-any-return]


def rebuild(conn: Any, audit: Audit, moments: list[datetime]) -> None:
    """Compare accounts that changed, as the log rebuilds them, with what the witness saw."""
    changed = conn.execute(
        "SELECT DISTINCT subject_id::int FROM pgaudit_py.activity_log WHERE subject_type = 'pgbench_accounts'"
    ).fetchall()
    for (aid,) in random.Random(7).sample(sorted(changed), 50):
        for at in moments:
            state = audit.record_at("pgbench_accounts", aid, at=at)
            seen = conn.execute(
                "SELECT abalance FROM witness WHERE aid = %s AND at = %s", [aid, at]
            ).fetchone()
            assert state is not None
            assert (state["aid"], state["abalance"]) == (aid, seen[0])


def rebuild_at_any_time(conn: Any, audit: Audit) -> None:
    """Compare accounts, amid the load, with the sum of what pgbench's own books say had been added to them."""
    chance = random.Random(11)
    first, last = conn.execute(
        "SELECT min(created_at), max(created_at) FROM pgaudit_py.activity_log"
    ).fetchone()
    accounts = [aid for (aid,) in conn.execute("SELECT DISTINCT aid FROM pgbench_history ORDER BY 1")]
    booked = """SELECT coalesce(sum(delta), 0) FROM pgbench_history
                WHERE aid = %s AND xmin::text::bigint IN (
                    SELECT transaction_id FROM pgaudit_py.activity_log GROUP BY 1 HAVING max(created_at) <= %s)"""
    for aid in chance.sample(accounts, 60):
        at = first + (last - first) * chance.random()
        state = audit.record_at("pgbench_accounts", aid, at=at)
        assert state is not None
        assert (state["abalance"],) == conn.execute(booked, [aid, at]).fetchone()
