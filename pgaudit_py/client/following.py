"""Reading the whole log, and following it as it grows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Unpack

from pgaudit_py import following
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.driving import require_usable
from pgaudit_py.following import Batch, Conditions, Filters, Position
from pgaudit_py.records import Activity
from pgaudit_py.statements import Flow


class Following(Running):
    """Reading the whole log, and following it as it grows."""

    def iter_activity(self, **filters: Unpack[Filters]) -> Iterator[Activity]:
        """Search the whole log, newest first, page by page.

        Args:
            filters: as `activity` takes them.

        Returns:
            An iterator; each page is one statement in your transaction. Under REPEATABLE READ all of them show one moment.
        """
        while True:
            page, filters = self._run(following.next_page(filters))
            yield from page
            if page.next is None:
                return

    def follow(
        self,
        *,
        after: tuple[int, int] | None = None,
        last: int = 0,
        interval: float = 1.0,
        **conditions: Unpack[Conditions],
    ) -> Iterator[Activity]:
        """Give activities as they come, without end: none is lost and none given twice, however transactions overlap.

        They come in the order of transaction_id and id, once no older transaction runs any more: a long one, of
        whatever database of the cluster, holds back what younger ones wrote.

        Args:
            after: transaction_id and id of the last activity that is known, to go on from; (0, 0) for the beginning.
                None for what comes from now on.
            last: without `after`, how many of the activities before are given to begin with: 0 to 10,000.
            interval: seconds between two looks into the log.
            conditions: subject, causer, causer_type, action, field, request_id, metadata, as `activity` takes them.

        Returns:
            An iterator that waits for the next one. Each look is a short transaction of its own.

        Raises:
            IdleConnectionRequired: a transaction is open.
        """
        at = following.position(after)
        require_usable(self.conn, "follow", in_transaction=None)
        return self._follow(at, last, interval, conditions)

    def _follow(
        self, at: Position | None, last: int, interval: float, conditions: Conditions
    ) -> Iterator[Activity]:
        while True:
            flow = following.begin(conditions, last) if at is None else following.go_on(conditions, at)
            found, at = self._look(flow)
            yield from found
            if at.waiting:
                time.sleep(interval)

    def _look(self, flow: Flow[Batch]) -> Batch:
        require_usable(self.conn, "follow", in_transaction=None)
        with self.conn.transaction():
            return self._run(flow)


class AsyncFollowing(AsyncRunning):
    """The same with await."""

    @same_as(Following.iter_activity)
    async def iter_activity(self, **filters: Unpack[Filters]) -> AsyncIterator[Activity]:
        while True:
            page, filters = await self._run(following.next_page(filters))
            for one in page:
                yield one
            if page.next is None:
                return

    @same_as(Following.follow)
    def follow(
        self,
        *,
        after: tuple[int, int] | None = None,
        last: int = 0,
        interval: float = 1.0,
        **conditions: Unpack[Conditions],
    ) -> AsyncIterator[Activity]:
        at = following.position(after)
        require_usable(self.conn, "follow", in_transaction=None)
        return self._follow(at, last, interval, conditions)

    async def _follow(
        self, at: Position | None, last: int, interval: float, conditions: Conditions
    ) -> AsyncIterator[Activity]:
        while True:
            flow = following.begin(conditions, last) if at is None else following.go_on(conditions, at)
            found, at = await self._look(flow)
            for one in found:
                yield one
            if at.waiting:
                await asyncio.sleep(interval)

    async def _look(self, flow: Flow[Batch]) -> Batch:
        require_usable(self.conn, "follow", in_transaction=None)
        async with self.conn.transaction():
            return await self._run(flow)
