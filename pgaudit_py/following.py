"""Reading the whole log, page by page, and reading on as it grows: without a gap, and nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

from pgaudit_py import queries
from pgaudit_py.errors import OptionError
from pgaudit_py.records import Activity, Page
from pgaudit_py.statements import Flow, RawRow, fetch, query
from pgaudit_py.subjects import Key, number

PAGE = 1000
"""Activities that are fetched at once."""

_LAST_ID = 2**63 - 1


class Conditions(TypedDict, total=False):
    """What an activity has to be like; see `Audit.activity`."""

    subject: tuple[str, Key] | str | None
    causer: object
    causer_type: str | None
    action: str | None
    field: str | None
    request_id: str | None
    metadata: Mapping[str, object] | None


class Filters(Conditions, total=False):
    """What a search of the past can ask for as well; see `Audit.activity`."""

    transaction_id: int | None
    since: datetime | None
    until: datetime | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has read: up to and with this activity, in the order of transaction_id and id."""

    transaction_id: int
    id: int
    waiting: bool = False
    """Whether all that there is was read."""


Batch = tuple[list[Activity], Position]


def next_page(filters: Filters) -> Flow[tuple[Page, Filters]]:
    """Read a page of the past.

    Returns:
        The page, and what to ask for to get the one after it.
    """
    page = yield from queries.activity(**filters, limit=PAGE)
    return page, {**filters, "before": page.next}


def position(after: tuple[int, int] | None) -> Position | None:
    """Read where to go on from: transaction_id and id of the last activity that is known.

    Raises:
        OptionError: it is something else.
    """
    if after is None:
        return None
    if not isinstance(after, (tuple, list)) or len(after) != 2 or None in after:
        raise OptionError(
            f"after is {after!r}", hint="Give the last activity's two numbers: (transaction_id, id)."
        )
    return Position(number("transaction_id", after[0]) or 0, number("id", after[1]) or 0)


def begin(conditions: Conditions, last: int) -> Flow[Batch]:
    """Start at the end: all transactions that are over are read, of those that run nothing.

    Args:
        conditions: what is searched for.
        last: how many of the activities before are given to begin with, at most.

    Returns:
        These, and the position.
    """
    _, running = yield from _read(conditions, Position(_LAST_ID, _LAST_ID), 1)
    known: list[Activity] = []
    if last:
        page = yield from queries.activity(**conditions, limit=last)
        known = [one for one in page if one.transaction_id < running]  # the others are still to come
    else:
        yield from queries.refuse_a_record_as_text(queries.conditions(**conditions))
    return sorted(known, key=_place), Position(running - 1, _LAST_ID, waiting=True)


def go_on(conditions: Conditions, at: Position) -> Flow[Batch]:
    """Read what came after a position, PAGE activities at most, and where that ends."""
    found, running = yield from _read(conditions, at, PAGE)
    if len(found) == PAGE:
        return found, Position(*_place(found[-1]))
    if found or at.transaction_id < running:  # nothing else is left of the transactions that are over
        return found, Position(running - 1, _LAST_ID, waiting=True)
    return [], replace(at, waiting=True)  # of a cluster whose transactions went further


def _place(one: Activity) -> tuple[int, int]:
    return one.transaction_id, one.id


def _read(conditions: Conditions, at: Position, most: int) -> Flow[tuple[list[Activity], int]]:
    statement = query(
        "follow",
        _row,
        **queries.conditions(**conditions),
        after_transaction=at.transaction_id,
        after_id=at.id,
        max_rows=most,
    )
    rows = yield from fetch(statement)
    return [one for _, one in rows if one], rows[0][0]


def _row(row: RawRow) -> tuple[int, Any]:
    return row["running"], None if row["id"] is None else Activity.of(row)
