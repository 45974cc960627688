"""AsyncAudit: the audit trail over an async connection of psycopg; every method is Audit's, with await."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, Literal, ParamSpec

import psycopg
from psycopg.rows import dict_row

from pgaudit_py import driving, queries, triggers
from pgaudit_py import migrate as migrations
from pgaudit_py.client import Audit
from pgaudit_py.cursors import AsyncOwnCursor
from pgaudit_py.driving import (
    ATTEMPTS,
    Result,
    is_idle,
    is_in_pipeline,
    naming_what_is_locked,
    pause,
    plan_restore,
    preview,
    require_usable,
    server_major,
    translated,
    verify,
    with_lock_timeout,
)
from pgaudit_py.errors import LockNotAvailable
from pgaudit_py.migrate import MigrationPlan
from pgaudit_py.records import Change, HistoryEntry, Page, Problem, RestorePlan, State, Version
from pgaudit_py.statements import Flow, Statement, fetch, fetch_one, script
from pgaudit_py.subjects import Key
from pgaudit_py.triggers import Installed

P = ParamSpec("P")


def same_as(twin: Callable[..., Any]) -> Callable[[Callable[P, Result]], Callable[P, Result]]:
    """Give a method the docstring of its twin; tests/unit/test_parity.py compares the signatures."""

    def documented(method: Callable[P, Result]) -> Callable[P, Result]:
        method.__doc__ = twin.__doc__
        return method

    return documented


class AsyncAudit:
    """The audit trail, over a connection of yours.

    Reads, `log` and restores run in your transaction, as your own statements do; `migrate`, `install` and
    `uninstall` run short transactions of their own and need an idle connection.
    """

    def __init__(self, conn: psycopg.AsyncConnection[Any]) -> None:
        """Use a psycopg connection; it stays yours, with its settings and factories."""
        self.conn = conn

    # --- how flows are run ---

    async def _run(self, flow: Flow[Result]) -> Result:
        rows: list[Any] | None = None
        with translated():
            while True:
                try:
                    statement = flow.send(rows)  # type: ignore[arg-type]  # the first is None
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                rows = await self._execute(statement)

    async def _execute(self, statement: Statement[Any]) -> list[Any]:
        async with AsyncOwnCursor(self.conn, row_factory=dict_row) as cursor:
            # Binary: values as text depend on the session's settings. A script has none, and may be several statements.
            await cursor.execute(statement.sql, statement.params, binary=statement.params is not None)
            await self._sync()
            return [statement.row(row) async for row in cursor] if cursor.description else []

    async def _sync(self) -> None:
        if is_in_pipeline(self.conn):
            async with self.conn.pipeline():  # the end of this inner one waits for the results so far
                pass

    async def _run_alone(
        self, flow: Callable[[], Flow[Result]], what: str, locked: str, *, in_transaction: bool | None = None
    ) -> Result:
        require_usable(self.conn, what, in_transaction=in_transaction)
        with naming_what_is_locked(locked, 1 if in_transaction else ATTEMPTS):
            if in_transaction:
                async with self._savepoint():
                    return await self._run(with_lock_timeout(flow()))
            for attempt in range(ATTEMPTS - 1):
                try:
                    return await self._run_once(flow)
                except LockNotAvailable:
                    await asyncio.sleep(pause(attempt))
            return await self._run_once(flow)

    async def _run_once(self, flow: Callable[[], Flow[Result]]) -> Result:
        async with self.conn.transaction():
            return await self._run(with_lock_timeout(flow()))

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[None]:
        with translated():
            await self._sync()
            if not self.conn.autocommit and is_idle(self.conn):
                await self._execute(script("SELECT"))  # begins the caller's transaction, which stays open
            async with self.conn.transaction():
                yield

    # --- installing ---

    @same_as(Audit.migrate)
    async def migrate(self, *, in_transaction: bool = False) -> MigrationPlan:
        return await self._run_alone(
            migrations.migrate, "migrate", "schema pgaudit_py", in_transaction=in_transaction
        )

    @same_as(Audit.install)
    async def install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn))

        return await self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    @same_as(Audit.preview_install)
    async def preview_install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
    ) -> tuple[Installed, str]:
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}
        require_usable(self.conn, "preview_install", in_transaction=True)
        with naming_what_is_locked(f"table {table}", 1):
            async with self.conn.transaction(force_rollback=True):
                flow = preview(str(table), given, server_major(self.conn))
                return await self._run(with_lock_timeout(flow))

    @same_as(Audit.tracked)
    async def tracked(self) -> list[str]:
        return await self._run(fetch(triggers.tracked_names()))

    @same_as(Audit.subject_type)
    async def subject_type(self, table: str) -> str:
        return await self._run(triggers.tracked_name(str(table)))

    @same_as(Audit.uninstall)
    async def uninstall(self, table: str, *, in_transaction: bool = False) -> str:
        return await self._run_alone(
            partial(triggers.uninstall, str(table)),
            "uninstall",
            f"table {table}",
            in_transaction=in_transaction,
        )

    @same_as(Audit.drop_schema)
    async def drop_schema(self) -> list[str]:
        return await self._run_alone(
            triggers.drop_schema, "drop_schema", "schema pgaudit_py or an audited table"
        )

    # --- reading ---

    @same_as(Audit.activity)
    async def activity(
        self,
        *,
        subject: tuple[str, Key] | str | None = None,
        causer: object = None,
        causer_type: str | None = None,
        action: str | None = None,
        field: str | None = None,
        transaction_id: int | None = None,
        request_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        metadata: Mapping[str, object] | None = None,
        limit: int = 50,
        before: int | None = None,
    ) -> Page:
        return await self._run(
            queries.activity(
                subject=subject,
                causer=causer,
                causer_type=causer_type,
                action=action,
                field=field,
                transaction_id=transaction_id,
                request_id=request_id,
                since=since,
                until=until,
                metadata=metadata,
                limit=limit,
                before=before,
            )
        )

    @same_as(Audit.history)
    async def history(self, subject_type: str, key: Key) -> list[HistoryEntry]:
        return await self._run(fetch(queries.history(subject_type, key)))

    @same_as(Audit.versions)
    async def versions(self, subject_type: str, key: Key) -> list[Version]:
        return await self._run(fetch(queries.versions(subject_type, key)))

    @same_as(Audit.version)
    async def version(self, version_id: int) -> State:
        return await self._run(fetch_one(queries.version(version_id)))

    @same_as(Audit.record_at)
    async def record_at(self, subject_type: str, key: Key, *, at: datetime) -> State | None:
        return await self._run(fetch_one(queries.record_at(subject_type, key, at)))

    @same_as(Audit.diff)
    async def diff(self, from_version: int, to_version: int) -> dict[str, Change]:
        return await self._run(queries.diff(from_version, to_version))

    @same_as(Audit.verify_table)
    async def verify_table(self, table: str) -> list[Problem]:
        return await self._run(verify(str(table)))

    # --- writing ---

    @same_as(Audit.log)
    async def log(
        self,
        action: str,
        subject: tuple[str, Key] | str | None = None,
        *,
        metadata: Mapping[str, object] | None = None,
    ) -> int:
        async with (
            self._savepoint()
        ):  # a transaction has the actor of an AuditConnection; a statement alone has not
            return await self._run(fetch_one(queries.log(action, subject, metadata)))

    @same_as(Audit.plan_restore)
    async def plan_restore(
        self,
        *,
        version: int | None = None,
        subject: tuple[str, Key] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        return await self._run(plan_restore(version, subject, at))

    @same_as(Audit.restore)
    async def restore(
        self,
        plan: RestorePlan | None = None,
        *,
        version: int | None = None,
        subject: tuple[str, Key] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        require_usable(self.conn, "restore", in_transaction=True)
        async with self._savepoint():
            return await self._run(driving.restore(plan, version, subject, at))
