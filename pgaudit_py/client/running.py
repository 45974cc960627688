"""How flows are run over a connection, synchronous and asynchronous: the only code that executes statements."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any, ParamSpec

import psycopg
from psycopg.rows import dict_row

from pgaudit_py.baselines import Batches
from pgaudit_py.cursors import AsyncOwnCursor, OwnCursor
from pgaudit_py.driving import (
    ATTEMPTS,
    Result,
    is_idle,
    is_in_pipeline,
    naming_what_is_locked,
    pause,
    require_usable,
    translated,
    with_lock_timeout,
)
from pgaudit_py.errors import LockNotAvailable
from pgaudit_py.records import Baseline
from pgaudit_py.rehearsal import Rehearsal
from pgaudit_py.statements import Flow, Kind, Statement, script

P = ParamSpec("P")


def same_as(twin: Callable[..., Any]) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Give a method the docstring of its twin; tests/unit/test_parity.py compares the signatures."""

    def documented(method: Callable[P, Result]) -> Callable[P, Result]:
        method.__doc__ = twin.__doc__
        return method

    return documented


def bound(
    statement: Statement[Any], cursor: psycopg.ClientCursor[Any] | psycopg.AsyncClientCursor[Any]
) -> str:
    """Write a statement with its parameters in it, as it is sent."""
    return statement.sql if statement.params is None else cursor.mogrify(statement.sql, statement.params)


class Running:
    """Run flows over a connection of psycopg."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        """Use a psycopg connection; it stays yours, with its settings and factories."""
        self.conn = conn
        self._rehearsal: Rehearsal | None = None

    def _run(self, flow: Flow[Result]) -> Result:
        rows: list[Any] | None = None
        with translated():
            while True:
                try:
                    statement = flow.send(rows)  # type: ignore[arg-type]  # the first is None
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                rows = self._rehearse(statement) if self._rehearsal else self._execute(statement)

    def _execute(self, statement: Statement[Any]) -> list[Any]:
        if statement.kind == Kind.GUARD:
            return []
        with OwnCursor(self.conn, row_factory=dict_row) as cursor:
            # Binary: values as text depend on the session's settings. A script has none, and may be several statements.
            cursor.execute(statement.sql, statement.params, binary=statement.params is not None)
            self._sync()
            return [statement.row(row) for row in cursor] if cursor.description else []

    def _rehearse(self, statement: Statement[Any]) -> list[Any]:
        if self._rehearsal:
            cursor = psycopg.ClientCursor(self.conn)
            self._rehearsal.note(statement.kind, bound(statement, cursor))
        return [] if statement.kind == Kind.LOCK else self._execute(statement)

    @contextmanager
    def rehearsal(self) -> Iterator[Rehearsal]:
        """Try what is done in a block, and write it down: `with audit.rehearsal() as rehearsal:`.

        Everything is rolled back at the end, and nothing that would make writers wait is run at all: triggers are
        neither made nor dropped.

        Returns:
            The rehearsal; its `sql` is a script for psql that does the same, complete with schema and functions.
        """
        require_usable(self.conn, "rehearsal", in_transaction=True)
        with self.conn.transaction(force_rollback=True):
            self._rehearsal = Rehearsal()
            try:
                yield self._rehearsal
            finally:
                self._rehearsal = None

    def _sync(self) -> None:
        if is_in_pipeline(self.conn):
            with self.conn.pipeline():  # the end of this inner one waits for the results so far
                pass

    def _run_alone(
        self, flow: Callable[[], Flow[Result]], what: str, locked: str, *, in_transaction: bool | None = None
    ) -> Result:
        if self._rehearsal:
            with naming_what_is_locked(locked, 1), self._rehearsal.transaction():
                return self._run_once(flow)
        require_usable(self.conn, what, in_transaction=in_transaction)
        with naming_what_is_locked(locked, 1 if in_transaction else ATTEMPTS):
            if in_transaction:
                with self._savepoint():
                    return self._run(with_lock_timeout(flow()))
            with self._read_committed():  # what is read is as of now, not as of before it waited for others
                for attempt in range(ATTEMPTS - 1):
                    try:
                        return self._run_once(flow)
                    except LockNotAvailable:
                        time.sleep(pause(attempt))
                return self._run_once(flow)

    def _run_batches(self, batches: Batches, what: str, locked: str) -> Baseline:
        require_usable(self.conn, what, in_transaction=None)
        flow = next(batches)
        while True:
            done = self._run_alone(flow, what, locked)
            try:
                flow = batches.send(done)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]

    @contextmanager
    def _read_committed(self) -> Iterator[None]:
        before = self.conn.isolation_level
        self.conn.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            yield
        finally:
            if not self.conn.closed:
                self.conn.isolation_level = before

    def _run_once(self, flow: Callable[[], Flow[Result]]) -> Result:
        with self.conn.transaction():
            return self._run(with_lock_timeout(flow()))

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with translated():
            self._sync()
            if not self.conn.autocommit and is_idle(self.conn):
                self._execute(script("SELECT"))  # begins the caller's transaction, which stays open
            with self._rehearsal.transaction() if self._rehearsal else nullcontext(), self.conn.transaction():
                yield


class AsyncRunning:
    """Run flows over an async connection of psycopg."""

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        """Use a psycopg connection; it stays yours, with its settings and factories."""
        self.conn = conn
        self._rehearsal: Rehearsal | None = None

    async def _run(self, flow: Flow[Result]) -> Result:
        rows: list[Any] | None = None
        with translated():
            while True:
                try:
                    statement = flow.send(rows)  # type: ignore[arg-type]  # the first is None
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                rows = await (self._rehearse(statement) if self._rehearsal else self._execute(statement))

    async def _execute(self, statement: Statement[Any]) -> list[Any]:
        if statement.kind == Kind.GUARD:
            return []
        async with AsyncOwnCursor(self.conn, row_factory=dict_row) as cursor:
            # Binary: values as text depend on the session's settings. A script has none, and may be several statements.
            await cursor.execute(statement.sql, statement.params, binary=statement.params is not None)
            await self._sync()
            return [statement.row(row) async for row in cursor] if cursor.description else []

    async def _rehearse(self, statement: Statement[Any]) -> list[Any]:
        if self._rehearsal:
            cursor = psycopg.AsyncClientCursor(self.conn)
            self._rehearsal.note(statement.kind, bound(statement, cursor))
        return [] if statement.kind == Kind.LOCK else await self._execute(statement)

    @same_as(Running.rehearsal)
    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[Rehearsal]:
        require_usable(self.conn, "rehearsal", in_transaction=True)
        async with self.conn.transaction(force_rollback=True):
            self._rehearsal = Rehearsal()
            try:
                yield self._rehearsal
            finally:
                self._rehearsal = None

    async def _sync(self) -> None:
        if is_in_pipeline(self.conn):
            async with self.conn.pipeline():  # the end of this inner one waits for the results so far
                pass

    async def _run_alone(
        self, flow: Callable[[], Flow[Result]], what: str, locked: str, *, in_transaction: bool | None = None
    ) -> Result:
        if self._rehearsal:
            with naming_what_is_locked(locked, 1), self._rehearsal.transaction():
                return await self._run_once(flow)
        require_usable(self.conn, what, in_transaction=in_transaction)
        with naming_what_is_locked(locked, 1 if in_transaction else ATTEMPTS):
            if in_transaction:
                async with self._savepoint():
                    return await self._run(with_lock_timeout(flow()))
            async with self._read_committed():
                for attempt in range(ATTEMPTS - 1):
                    try:
                        return await self._run_once(flow)
                    except LockNotAvailable:
                        await asyncio.sleep(pause(attempt))
                return await self._run_once(flow)

    async def _run_batches(self, batches: Batches, what: str, locked: str) -> Baseline:
        require_usable(self.conn, what, in_transaction=None)
        flow = next(batches)
        while True:
            done = await self._run_alone(flow, what, locked)
            try:
                flow = batches.send(done)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]

    @asynccontextmanager
    async def _read_committed(self) -> AsyncIterator[None]:
        before = self.conn.isolation_level
        await self.conn.set_isolation_level(psycopg.IsolationLevel.READ_COMMITTED)
        try:
            yield
        finally:
            if not self.conn.closed:
                await self.conn.set_isolation_level(before)

    async def _run_once(self, flow: Callable[[], Flow[Result]]) -> Result:
        async with self.conn.transaction():
            return await self._run(with_lock_timeout(flow()))

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[None]:
        with translated():
            await self._sync()
            if not self.conn.autocommit and is_idle(self.conn):
                await self._execute(script("SELECT"))  # begins the caller's transaction, which stays open
            with self._rehearsal.transaction() if self._rehearsal else nullcontext():
                async with self.conn.transaction():
                    yield
