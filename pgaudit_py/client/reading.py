"""Searching the log, and travelling in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pgaudit_py import queries
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.driving import verify
from pgaudit_py.records import Change, HistoryEntry, Page, Problem, State, Version
from pgaudit_py.statements import fetch, fetch_one
from pgaudit_py.subjects import Key


class Reading(Running):
    """Searching the log, and travelling in time."""

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
        """Compare two versions, by the names that columns had at the later one; what the log does not tell of both is left out.

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


class AsyncReading(AsyncRunning):
    """The same with await."""

    @same_as(Reading.activity)
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

    @same_as(Reading.history)
    async def history(self, subject_type: str, key: Key) -> list[HistoryEntry]:
        return await self._run(fetch(queries.history(subject_type, key)))

    @same_as(Reading.versions)
    async def versions(self, subject_type: str, key: Key) -> list[Version]:
        return await self._run(fetch(queries.versions(subject_type, key)))

    @same_as(Reading.version)
    async def version(self, version_id: int) -> State:
        return await self._run(fetch_one(queries.version(version_id)))

    @same_as(Reading.record_at)
    async def record_at(self, subject_type: str, key: Key, *, at: datetime) -> State | None:
        return await self._run(fetch_one(queries.record_at(subject_type, key, at)))

    @same_as(Reading.diff)
    async def diff(self, from_version: int, to_version: int) -> dict[str, Change]:
        return await self._run(queries.diff(from_version, to_version))

    @same_as(Reading.verify_table)
    async def verify_table(self, table: str) -> list[Problem]:
        return await self._run(verify(str(table)))
