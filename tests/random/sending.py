"""What a session sends, and what it gets."""

from __future__ import annotations

from typing import Any, TypeAlias

import psycopg
from psycopg import pq

from tests.conftest import Conn

Outcome: TypeAlias = tuple[Any, ...]
"""What a step gave: its commands and rows, or its error. None of it depends on the audit trail."""


def results(conn: Conn, text: str) -> Outcome:
    """Run statements as they are; give for each its command and its rows as the server wrote them, in no order."""
    cursor = conn.execute(text.encode())
    found: list[Any] = []
    while True:
        result = cursor.pgresult
        assert result
        rows = [
            tuple(result.get_value(row, column) for column in range(result.nfields))
            for row in range(result.ntuples)
        ]
        found.append((cursor.statusmessage, sorted(rows, key=repr)))
        if not cursor.nextset():
            return tuple(found)


def guarded(conn: Conn, text: str) -> Outcome:
    try:
        return results(conn, f"SAVEPOINT guard; {text}; RELEASE guard")
    except psycopg.Error:
        conn.execute("ROLLBACK TO guard; RELEASE guard")
        raise


def copied(conn: Conn, text: str) -> Outcome:
    statement, *lines = text.split("\n")
    with conn.cursor() as cursor:
        with cursor.copy(statement.rstrip(";").encode()) as copy:
            copy.write("".join(f"{line}\n" for line in lines if line != "\\."))
        return (cursor.rowcount,)


def altered(conn: Conn, table: str) -> bool:
    """Whether the session's transaction altered a table, and so holds it already."""
    if conn.info.transaction_status != pq.TransactionStatus.INTRANS:
        return False
    found = conn.execute(
        """SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND granted
               AND relation = to_regclass(%s)""",
        [table],
    )
    return found.fetchone() is not None
