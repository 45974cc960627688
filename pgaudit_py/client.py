"""Audit: the audit trail over a connection of psycopg."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from pgaudit_py import driving, queries, triggers
from pgaudit_py import migrate as migrations
from pgaudit_py.cursors import OwnCursor
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


class Audit:
    """The audit trail, over a connection of yours.

    Reads, `log` and restores run in your transaction, as your own statements do; `migrate`, `install` and
    `uninstall` run short transactions of their own and need an idle connection.
    """

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        """Use a psycopg connection; it stays yours, with its settings and factories."""
        self.conn = conn

    # --- how flows are run ---

    def _run(self, flow: Flow[Result]) -> Result:
        rows: list[Any] | None = None
        with translated():
            while True:
                try:
                    statement = flow.send(rows)  # type: ignore[arg-type]  # the first is None
                except StopIteration as stop:
                    return stop.value  # type: ignore[no-any-return]
                rows = self._execute(statement)

    def _execute(self, statement: Statement[Any]) -> list[Any]:
        with OwnCursor(self.conn, row_factory=dict_row) as cursor:
            # Binary: values as text depend on the session's settings. A script has none, and may be several statements.
            cursor.execute(statement.sql, statement.params, binary=statement.params is not None)
            self._sync()
            return [statement.row(row) for row in cursor] if cursor.description else []

    def _sync(self) -> None:
        if is_in_pipeline(self.conn):
            with self.conn.pipeline():  # the end of this inner one waits for the results so far
                pass

    def _run_alone(
        self, flow: Callable[[], Flow[Result]], what: str, locked: str, *, in_transaction: bool | None = None
    ) -> Result:
        require_usable(self.conn, what, in_transaction=in_transaction)
        with naming_what_is_locked(locked, 1 if in_transaction else ATTEMPTS):
            if in_transaction:
                with self._savepoint():
                    return self._run(with_lock_timeout(flow()))
            for attempt in range(ATTEMPTS - 1):
                try:
                    return self._run_once(flow)
                except LockNotAvailable:
                    time.sleep(pause(attempt))
            return self._run_once(flow)

    def _run_once(self, flow: Callable[[], Flow[Result]]) -> Result:
        with self.conn.transaction():
            return self._run(with_lock_timeout(flow()))

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        with translated():
            self._sync()
            if not self.conn.autocommit and is_idle(self.conn):
                self._execute(script("SELECT"))  # begins the caller's transaction, which stays open
            with self.conn.transaction():
                yield

    # --- installing ---

    def migrate(self, *, in_transaction: bool = False) -> MigrationPlan:
        """Create the schema pgaudit_py, or bring it up to date.

        Args:
            in_transaction: do it in the transaction that is open, as migration tools want it.

        Returns:
            The files that were run; empty where there was nothing to do.

        Raises:
            SchemaTooNew: a newer pgaudit-py made changes that this one cannot work with.
            SchemaConflict: a released migration was edited; or the schema belongs to somebody else, or was not made
                by this library.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        return self._run_alone(
            migrations.migrate, "migrate", "schema pgaudit_py", in_transaction=in_transaction
        )

    def install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        """Audit a table from now on. Doing it again brings its triggers up to date.

        Args:
            table: its name as in SQL: posts, shop.posts, "Tab.le".
            snapshots: changes, or all for the whole row with each update; None for what the table is installed
                with, and changes at first.
            truncate_rows: up to how many rows a TRUNCATE is recorded row by row; None likewise, and 100,000 at first.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What was done: installed, updated or unchanged; and what its records are called.

        Raises:
            TableNotFound, TableNotAuditable, PrivilegeMissing, SubjectTypeTaken: as they say.
            LockNotAvailable: the table was in use for all of the tries.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn))

        return self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    def preview_install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
    ) -> tuple[Installed, str]:
        """Say what `install` would do, schema included, and change nothing: all of it is rolled back.

        Returns:
            What would be done, and the SQL of the table's functions and triggers.
        """
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}
        require_usable(self.conn, "preview_install", in_transaction=True)
        with naming_what_is_locked(f"table {table}", 1), self.conn.transaction(force_rollback=True):
            flow = preview(str(table), given, server_major(self.conn))
            return self._run(with_lock_timeout(flow))

    def tracked(self) -> list[str]:
        """List what the records of the tables under audit are called, sorted."""
        return self._run(fetch(triggers.tracked_names()))

    def subject_type(self, table: str) -> str:
        """Tell what the records of a table are called, by the table's name or by theirs.

        Raises:
            TableNotFound: there is no such table.
            TableNotTracked: no audit trail is installed on it.
        """
        return self._run(triggers.tracked_name(str(table)))

    def uninstall(self, table: str, *, in_transaction: bool = False) -> str:
        """Stop auditing a table. What was recorded stays.

        Args:
            table: its name, or what its records are called where the table is gone.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What its records are called.

        Raises:
            TableNotTracked: no audit trail is installed on it.
        """
        return self._run_alone(
            partial(triggers.uninstall, str(table)),
            "uninstall",
            f"table {table}",
            in_transaction=in_transaction,
        )

    def drop_schema(self) -> list[str]:
        """Stop auditing every table, and remove the schema pgaudit_py with all that was recorded.

        Returns:
            What the records of the tables were called.
        """
        return self._run_alone(triggers.drop_schema, "drop_schema", "schema pgaudit_py or an audited table")

    # --- reading ---

    def activity(
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
        """Search the log, newest first.

        Args:
            subject: a record as (type, key), or a type for all of its records.
            causer: who, as `set_actor` takes it: an id, or an object with `.pk` or `.id`, which says its type too.
            causer_type: what kind of causer.
            action: created, updated, deleted, truncated, restored, snapshot, or a word of the application's.
            field: a column that changed.
            transaction_id, request_id: what belongs together.
            since, until: time of the change, both included.
            metadata: what the metadata has to contain.
            limit: 1 to 10,000 activities.
            before: `next` of the page before this one.

        Returns:
            A page to iterate over; its `next` is None where there are no more.
        """
        return self._run(
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

    def history(self, subject_type: str, key: Key) -> list[HistoryEntry]:
        """Tell a record's history, following changes of its key.

        Returns:
            Every activity that changed it, oldest first in the true order of changes, each with the state after it;
            empty where the log knows none.
        """
        return self._run(fetch(queries.history(subject_type, key)))

    def versions(self, subject_type: str, key: Key) -> list[Version]:
        """List the states of a record that can be asked for, oldest first."""
        return self._run(fetch(queries.versions(subject_type, key)))

    def version(self, version_id: int) -> State:
        """Give the state after an activity; of a deletion, the row that went away.

        Raises:
            VersionNotFound: the id is no activity that changed a row.
            NoKey: the table has no key, and the row was not stored.
        """
        return self._run(fetch_one(queries.version(version_id)))

    def record_at(self, subject_type: str, key: Key, *, at: datetime) -> State | None:
        """Give the record that bore a key at a time, as it was then.

        Args:
            subject_type, key: which record.
            at: with a time zone. A transaction counts once all of its changes are made.

        Returns:
            Its state; None where there was none.

        Raises:
            VersionNotFound: the time lies before the audit trail.
            RecordNotFound: neither log nor table know the key.
        """
        return self._run(fetch_one(queries.record_at(subject_type, key, at)))

    def diff(self, from_version: int, to_version: int) -> dict[str, Change]:
        """Compare two versions, by the names that columns had at the later one.

        Raises:
            VersionNotFound: an id is no version.
        """
        return self._run(queries.diff(from_version, to_version))

    def verify_table(self, table: str) -> list[Problem]:
        """Check that the log, folded, is the table.

        Returns:
            The contradictions; empty where all is well.

        Raises:
            TableNotTracked: no audit trail is installed on it.
        """
        return self._run(verify(str(table)))

    # --- writing ---

    def log(
        self,
        action: str,
        subject: tuple[str, Key] | str | None = None,
        *,
        metadata: Mapping[str, object] | None = None,
    ) -> int:
        """Record an event of the application's own, in the current transaction, by the current actor.

        Args:
            action: what happened, 1 to 512 characters: published, login.
            subject: the record it is about as (type, key), or a type, or nothing.
            metadata: anything else that JSON can say.

        Returns:
            The activity's id.
        """
        with (
            self._savepoint()
        ):  # a transaction has the actor of an AuditConnection; a statement alone has not
            return self._run(fetch_one(queries.log(action, subject, metadata)))

    def plan_restore(
        self,
        *,
        version: int | None = None,
        subject: tuple[str, Key] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        """Work out what a restore would do. Nothing is written.

        Args:
            version: the activity to go back to; of a deletion, the row that went away comes back.
            subject, at: or a record, and a time with a time zone.

        Returns:
            The plan: print it, refuse it, or give it to `restore`.
        """
        return self._run(plan_restore(version, subject, at))

    def restore(
        self,
        plan: RestorePlan | None = None,
        *,
        version: int | None = None,
        subject: tuple[str, Key] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        """Restore a record, in the current transaction and with the caller's own rights.

        Args:
            plan: what `plan_restore` gave; or
            version, subject, at: as `plan_restore` takes them, to plan and apply in one.

        Returns:
            The plan as it was carried out; `differs` names what the table's own triggers made otherwise.

        Raises:
            RestoreConflict: the record changed since the plan was made, or its key is taken; nothing is written.
            RestoreImpossible: a trigger or policy of the table stopped it; nothing is written.
        """
        require_usable(self.conn, "restore", in_transaction=True)
        with self._savepoint():
            return self._run(driving.restore(plan, version, subject, at))


def restore(conn: psycopg.Connection[Any], version_id: int) -> RestorePlan:
    """Restore a record to a version: `Audit(conn).restore(version=version_id)`."""
    return Audit(conn).restore(version=version_id)
