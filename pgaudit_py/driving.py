"""What Audit and AsyncAudit share: how flows meet a connection, and what is decided without one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.json import set_json_loads

from pgaudit_py import queries, restoring, triggers
from pgaudit_py.connect import check_version
from pgaudit_py.errors import IdleConnectionRequired, OptionError, from_database
from pgaudit_py.records import Problem, RestorePlan
from pgaudit_py.statements import Flow, fetch, query, whole
from pgaudit_py.subjects import Key

Result = TypeVar("Result")
AnyConnection: TypeAlias = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]

LOCK_TIMEOUT = 1000
"""Milliseconds that an install waits for a table before it lets the writers behind it pass."""
ATTEMPTS = 10
"""How often an install tries to get its lock."""


def _read_integer(text: str) -> int | Decimal:
    # Python refuses to make an int of more digits than this.
    return int(text) if len(text) < 4000 else Decimal(text)


_loads = partial(json.loads, parse_float=Decimal, parse_int=_read_integer)


def read_json_exactly(cursor: psycopg.Cursor[Any] | psycopg.AsyncCursor[Any]) -> None:
    """Have a cursor read numbers in JSON with every digit: a float would lose some."""
    set_json_loads(_loads, cursor)


@contextmanager
def translated() -> Iterator[None]:
    """Raise this library's errors for the database's, where there is one that says more."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise OptionError(f"{error.object!r} is no text", hint="Give text that UTF-8 can write.") from error
    except psycopg.Error as error:
        if known := from_database(error):
            raise known from error
        if isinstance(error, psycopg.DataError) and error.sqlstate is None:
            # psycopg's own: it was not even sent.
            raise OptionError(str(error), hint="Leave out what no text of PostgreSQL can hold.") from error
        raise


def is_idle(conn: AnyConnection) -> bool:
    """Tell whether no transaction is open."""
    return conn.info.transaction_status == TransactionStatus.IDLE


def refuse_open_transaction(conn: AnyConnection, what: str) -> None:
    """Refuse to commit what somebody else began.

    Raises:
        IdleConnectionRequired: a transaction is open.
    """
    if not is_idle(conn):
        raise IdleConnectionRequired(
            f"{what} runs transactions of its own, and this connection is inside one",
            hint="Commit first, or pass in_transaction=True to do it in the open transaction.",
        )


def server_major(conn: AnyConnection) -> int:
    """Return the server's major version.

    Raises:
        ServerTooOld: it is not supported.
    """
    check_version(conn.info.server_version)
    return conn.info.server_version // 10000


def with_lock_timeout(flow: Flow[Result]) -> Flow[Result]:
    """Let a flow wait for no lock longer than LOCK_TIMEOUT."""
    yield query("set_lock_timeout", whole, timeout=str(LOCK_TIMEOUT))
    return (yield from flow)


def pause(attempt: int) -> float:
    """Return how many seconds to wait after a failed attempt; random, so that two installers part."""
    longest: float = min(0.1 * 2**attempt, 2)
    return longest * random.uniform(0.5, 1.5)  # noqa: S311 - no secret


def plan_restore(
    version: int | None, subject: tuple[str, Key] | None, at: datetime | None
) -> Flow[RestorePlan]:
    """Choose between a restore to a version and one to a time.

    Raises:
        OptionError: it is neither, or both.
    """
    if version is not None and subject is None and at is None:
        return restoring.plan_version(version)
    if version is None and subject is not None and at is not None:
        return restoring.plan_time(*subject, at)
    raise OptionError(
        "a restore goes to a version, or of a subject to a time",
        hint="Give version=…, or subject=(type, key) and at=….",
    )


def verify(table: str) -> Flow[list[Problem]]:
    """Compare the log of a table with the table, by either name."""
    name = yield from triggers.tracked_name(table)
    return (yield from fetch(queries.verify_table(name)))
