"""Recording the application's own events, snapshots and baselines, and restoring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pgaudit_py import driving, queries
from pgaudit_py.baselines import Progress, take
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.driving import plan_restore, require_usable
from pgaudit_py.records import Baseline, RestorePlan
from pgaudit_py.statements import fetch_one
from pgaudit_py.subjects import Key


class Writing(Running):
    """Recording the application's own events, snapshots and baselines, and restoring."""

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

    def log_change(
        self,
        action: str,
        subject: tuple[str, Key] | str | None,
        old: Mapping[str, object] | None,
        new: Mapping[str, object] | None,
        *,
        metadata: Mapping[str, object] | None = None,
    ) -> int | None:
        """Record an event of the application's own that changed something, in the current transaction.

        Args:
            action: what happened, 1 to 512 characters: updated, renamed.
            subject: the record it is about as (type, key), or a type, or nothing.
            old, new: names and values before and after, None for nothing. Anything that JSON can say, and dates,
                times, UUIDs, bytes, which become text; a Decimal keeps its digits. Two values differ where what is
                written differs: 1.0 and 1.00, 1 and "1".
            metadata: anything else that JSON can say.

        Returns:
            The activity's id; None where nothing differs, and nothing was recorded.
        """
        with self._savepoint():
            return self._run(fetch_one(queries.log_change(action, subject, old, new, metadata)))

    def snapshot(self, subject_type: str, key: Key, *, label: str | None = None) -> int:
        """Record a record as it is now, whole, in the current transaction: a version to compare with or go back to.

        The row is held until the transaction ends, as by an UPDATE that leaves its key alone.

        Args:
            subject_type, key: which record.
            label: 1 to 512 characters to know the version by: before import.

        Returns:
            The activity's id, a version.

        Raises:
            RecordNotFound: the table has no such row, or none that the caller may change.
            TableNotTracked: no audit trail is installed on it.
            NoKey: the table has no key.
            PrivilegeMissing: the caller may not read and update the table, or the owner of the log may not read it.
        """
        with self._savepoint():
            return self._run(fetch_one(queries.snapshot(subject_type, key, label)))

    def baseline(self, table: str, *, progress: Progress | None = None, again: bool = False) -> Baseline:
        """Record the state of every row that is older than the audit trail, so that the log alone can rebuild it.

        Runs in short transactions of its own. Writers go on: each waits for less than a second. Interrupted at any
        point, it goes on where it was when it is called again.

        Args:
            table: its name, or what its records are called.
            progress: called after each batch with the number of rows read so far, and how many the table has by the
                planner's estimate, None where there is none.
            again: begin anew where it is done, and record every row: after a time in which the table was not audited,
                or once a part of the log is gone.

        Returns:
            What was recorded; nothing where it was done already.

        Raises:
            TableNotTracked: no audit trail is installed on it.
            NoKey: the table has no key.
            PrivilegeMissing: the connected role does not own both the table and the log, or policies hide rows from it.
            LockNotAvailable: the table was in use for all of the tries; what was recorded stays.
            IdleConnectionRequired: a transaction is open.
        """
        return self._run_batches(take(str(table), progress, again=again), "baseline", f"table {table}")

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
            RestoreImpossible: a trigger, a rule or a policy of the table stopped it; nothing is written.
        """
        require_usable(self.conn, "restore", in_transaction=True)
        with self._savepoint():
            return self._run(driving.restore(plan, version, subject, at))


class AsyncWriting(AsyncRunning):
    """The same with await."""

    @same_as(Writing.log)
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

    @same_as(Writing.log_change)
    async def log_change(
        self,
        action: str,
        subject: tuple[str, Key] | str | None,
        old: Mapping[str, object] | None,
        new: Mapping[str, object] | None,
        *,
        metadata: Mapping[str, object] | None = None,
    ) -> int | None:
        async with self._savepoint():
            return await self._run(fetch_one(queries.log_change(action, subject, old, new, metadata)))

    @same_as(Writing.snapshot)
    async def snapshot(self, subject_type: str, key: Key, *, label: str | None = None) -> int:
        async with self._savepoint():
            return await self._run(fetch_one(queries.snapshot(subject_type, key, label)))

    @same_as(Writing.baseline)
    async def baseline(
        self, table: str, *, progress: Progress | None = None, again: bool = False
    ) -> Baseline:
        return await self._run_batches(take(str(table), progress, again=again), "baseline", f"table {table}")

    @same_as(Writing.plan_restore)
    async def plan_restore(
        self,
        *,
        version: int | None = None,
        subject: tuple[str, Key] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        return await self._run(plan_restore(version, subject, at))

    @same_as(Writing.restore)
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
