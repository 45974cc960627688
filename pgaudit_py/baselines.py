"""Recording the state of rows that are older than their audit trail: in batches, as short as writers can wait for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

from pgaudit_py.records import Baseline
from pgaudit_py.statements import Flow, fetch_one, query
from pgaudit_py.triggers import tracked_name

MAX_ROWS = 5_000
"""Rows in a batch."""
FIRST_ROWS = 200
"""Rows in the first batch: nobody knows yet how long they take."""
SECONDS = 0.25
"""How long a batch should hold the table. Writers wait as long; and before it for the lock, driving.LOCK_TIMEOUT."""

Progress: TypeAlias = Callable[[int, int | None], object]
"""Told after each batch how many rows were read, and how many there are by an estimate, None where there is none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch came to: a row of pgaudit_py.baseline_batch()."""

    subject_type: str
    outcome: Literal["taken", "continued", "unchanged"]
    rows: int
    read: int
    total: int
    passed: int
    done: bool
    estimated: int | None
    seconds: float


Batches: TypeAlias = Generator[Callable[[], Flow[Batch]], Batch, Baseline]
"""Yields flows, each to be run in a transaction of its own, and is sent what each came to."""


def take(table: str, progress: Progress | None, *, again: bool) -> Batches:
    """Record the state of a table's rows; see `Audit.baseline`."""
    first = batch = yield partial(_batch, table, FIRST_ROWS, again=again)
    rows = batch.rows
    while True:
        if progress is not None:
            progress(batch.passed, batch.estimated)
        if batch.done:
            return Baseline(batch.subject_type, first.outcome, rows, batch.total)
        batch = yield partial(_batch, table, next_size(batch.read, batch.seconds), again=again)
        rows += batch.rows


def next_size(read: int, seconds: float) -> int:
    """Return how many rows to read after a batch that took so long: at most twice as many, and MAX_ROWS."""
    fitting = int(read * SECONDS / max(seconds, 0.001))
    return max(1, min(fitting, 2 * read, MAX_ROWS))


def _batch(table: str, rows: int, *, again: bool) -> Flow[Batch]:
    name = yield from tracked_name(table)

    def read(row: Mapping[str, Any]) -> Batch:
        return Batch(name, **row)

    return (
        yield from fetch_one(query("baseline_batch", read, subject_type=name, batch_rows=rows, again=again))
    )
