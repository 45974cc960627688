"""What Audit and AsyncAudit share: how flows meet a connection, and what is decided without one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from pgaudit_py import queries, restoring, triggers
from pgaudit_py.connect import check_version
from pgaudit_py.errors import (
    ANY_BYTES,
    ConnectionFailed,
    IdleConnectionRequired,
    LockNotAvailable,
    OptionError,
    TransactionRequired,
    from_database,
)
from pgaudit_py.records import Problem, RestorePlan
from pgaudit_py.statements import Flow, fetch, fetch_one, first, query, setting, whole
from pgaudit_py.subjects import Key, subject_parts

Result = TypeVar("Result")
AnyConnection: TypeAlias = psycopg.Connection[Any] | psycopg.AsyncConnection[Any]

LOCK_TIMEOUT = 300
"""Milliseconds that an install waits for a table before it lets the writers behind it pass."""
ATTEMPTS = 10
"""How often an install tries to get its lock."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise this library's errors for the database's, where there is one that says more."""
    try:
        yield
    except UnicodeEncodeError as error:
        if error.encoding.lower().replace("-", "") == "utf8":
            raise OptionError(
                f"{error.object!r} is no text", hint="Give text that UTF-8 can write."
            ) from error
        raise OptionError(
            f"{error.object!r} cannot be written in {error.encoding}, which this connection sends",
            hint="Connect with client_encoding='UTF8'.",
        ) from error
    except UnicodeDecodeError as error:
        raise OptionError(
            f"the database gave {error.object[error.start : error.start + 20]!r}, which is no text in {error.encoding}",
            hint=ANY_BYTES,
        ) from error
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


def is_in_pipeline(conn: AnyConnection) -> bool:
    """Tell whether results come only when they are waited for."""
    return bool(conn.info.pipeline_status)


def require_usable(conn: AnyConnection, what: str, *, in_transaction: bool | None) -> None:
    """Refuse a connection on which a call cannot work, and one inside a transaction that somebody else began.

    Args:
        conn: the connection.
        what: the call, as a person knows it.
        in_transaction: whether it works inside an open transaction; None where it never can.

    Raises:
        ConnectionFailed: the connection is closed.
        ServerTooOld: the server is not supported.
        TransactionRequired: the transaction that is open has failed.
        IdleConnectionRequired: a pipeline or a transaction is open.
    """
    if conn.closed:
        raise ConnectionFailed("the connection is closed", hint="Open a new one.")
    check_version(conn.info.server_version)
    if is_in_pipeline(conn):
        raise IdleConnectionRequired(
            f"{what} sends several statements at once, and a pipeline takes them one by one",
            hint="Leave the block `with conn.pipeline():` first.",
        )
    if conn.info.transaction_status == TransactionStatus.INERROR:
        raise TransactionRequired(
            f"{what} cannot work in a transaction that has failed", hint="Roll back first: conn.rollback()."
        )
    if not in_transaction and not is_idle(conn):
        other = (
            "" if in_transaction is None else ", or pass in_transaction=True to do it in the open transaction"
        )
        raise IdleConnectionRequired(
            f"{what} runs transactions of its own, and this connection is inside one",
            hint=f"Commit or roll back first{other}.",
        )


@dataclass(frozen=True, slots=True)
class Link:
    """What a connection says of itself."""

    server_major: int
    backend_pid: int
    """The process that it was told it talks to: a pooler tells something else than the server does."""
    prepares: bool
    """Whether psycopg prepares statements that are run often."""


def link(conn: AnyConnection) -> Link:
    """Tell what a connection says of itself."""
    return Link(server_major(conn), conn.info.backend_pid, conn.prepare_threshold is not None)


def server_major(conn: AnyConnection) -> int:
    """Return the server's major version."""
    return conn.info.server_version // 10000


@contextmanager
def naming_what_is_locked(what: str, tries: int) -> Iterator[None]:
    """Say what stayed locked, and how often it was tried; the server does not."""
    try:
        yield
    except LockNotAvailable as error:
        times = "1 try" if tries == 1 else f"{tries} tries"
        raise LockNotAvailable(
            f"{what} stayed locked by other sessions, in {times} of {LOCK_TIMEOUT} ms", hint=error.hint
        ) from error


def with_lock_timeout(flow: Flow[Result]) -> Flow[Result]:
    """Let a flow wait for no lock longer than LOCK_TIMEOUT; the statements after it wait as they did before."""
    before = yield from fetch_one(query("lock_timeout", first))
    yield setting("set_lock_timeout", timeout=str(LOCK_TIMEOUT))
    result = yield from flow
    yield query("set_lock_timeout", whole, timeout=before)
    return result


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
        subject_parts(subject)
        return restoring.plan_time(*subject, at)
    raise OptionError(
        "a restore goes to a version, or of a subject to a time",
        hint="Give version=…, or subject=(type, key) and at=….",
    )


def restore(
    plan: RestorePlan | None, version: int | None, subject: tuple[str, Key] | None, at: datetime | None
) -> Flow[RestorePlan]:
    """Apply a plan, or plan and apply in one; to be run in a savepoint.

    Raises:
        OptionError: it is neither, or both.
    """
    if plan is None:
        plan = yield from plan_restore(version, subject, at)
    elif not (version is None and subject is None and at is None):
        raise OptionError(
            "a plan says already what is restored", hint="Give the plan alone, or version=…, without one."
        )
    return (yield from restoring.apply(plan))


def verify(table: str) -> Flow[list[Problem]]:
    """Compare the log of a table with the table, by either name."""
    name = yield from triggers.tracked_name(table)
    return (yield from fetch(queries.verify_table(name)))
