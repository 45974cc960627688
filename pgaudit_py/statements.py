"""A statement as a value, and a flow of statements: what is to be run is decided without a connection.

A flow is a generator that yields statements and is sent their rows; `Audit` and `AsyncAudit` drive the same flows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

from pgaudit_py.errors import PgAuditError
from pgaudit_py.resources import sql_text

Row = TypeVar("Row")
Result = TypeVar("Result")
RawRow: TypeAlias = Mapping[str, Any]
"""A row as the driver gives it: column name to value."""


class Kind(Enum):
    """What a statement is to a rehearsal; see pgaudit_py/rehearsal.py."""

    READ = "read"
    """It looks something up."""
    SET = "set"
    """It prepares its transaction for others."""
    GUARD = "guard"
    """It refuses, in a script, what is not as it was when the script was made; only a script runs it."""
    WRITE = "write"
    LOCK = "lock"
    """It writes, and others would wait for it until the end of the transaction."""


@dataclass(frozen=True, slots=True)
class Statement(Generic[Row]):
    """One statement, its parameters, and how to read its rows.

    `sql` comes from a file or a template, with `%(name)s` for each parameter; where `params` is None the text is sent
    as it is, percent signs included, and may hold several statements.
    """

    sql: str
    params: Mapping[str, object] | None
    row: Callable[[RawRow], Row] = field(repr=False)
    kind: Kind = Kind.READ


Flow: TypeAlias = Generator[Statement[Any], list[Any], Result]


def query(name: str, row: Callable[[RawRow], Row], /, **params: object) -> Statement[Row]:
    """Build a statement from a file of sql/queries.

    Args:
        name: the file's name without `.sql`.
        row: makes a result out of each row.
        params: the file's parameters.

    Raises:
        FileNotFoundError: there is no such file.
    """
    return Statement(sql_text(f"queries/{name}.sql"), params, row)


def command(name: str, row: Callable[[RawRow], Row], /, **params: object) -> Statement[Row]:
    """Build a statement that writes, from a file of sql/queries; see `query`."""
    return replace(query(name, row, **params), kind=Kind.WRITE)


def setting(name: str, /, **params: object) -> Statement[dict[str, Any]]:
    """Build a statement that prepares its transaction, from a file of sql/queries; see `query`."""
    return replace(query(name, whole, **params), kind=Kind.SET)


def guard(statement: Statement[Row]) -> Statement[Row]:
    """Make a statement one that only a script runs."""
    return replace(statement, kind=Kind.GUARD)


def script(sql: str, *, locks: bool = False) -> Statement[dict[str, Any]]:
    """Build a statement that writes, from rendered SQL without parameters.

    Args:
        sql: as it is to be sent.
        locks: whether it locks a table against its writers.
    """
    return Statement(sql, None, whole, Kind.LOCK if locks else Kind.WRITE)


def fetch(statement: Statement[Row]) -> Flow[list[Row]]:
    """Run one statement and return its rows."""
    rows: list[Row] = yield statement
    return rows


def fetch_one(statement: Statement[Row]) -> Flow[Row]:
    """Run a statement that always has a row, and return the first."""
    rows = yield from fetch(statement)
    if not rows:
        raise PgAuditError(
            "the database gave no row where there always is one",
            hint="See whether a rule or a proxy in between changes the statements that are sent.",
        )
    return rows[0]


def pinned(flow: Flow[Result]) -> Flow[Result]:
    """Run a flow under a search_path of pg_catalog alone: no function or operator of somebody else's is taken for ours.

    Names are quoted where they need it, whatever the session says. Needs a transaction. Names that a person wrote are to be looked up before.
    """
    before = yield from fetch_one(query("naming", whole))
    yield setting("pin_search_path")
    yield setting("pin_quoting")
    result = yield from flow
    yield query("set_naming", whole, **before)
    return result


def whole(row: RawRow) -> dict[str, Any]:
    """Return a row as it is."""
    return dict(row)


def first(row: RawRow) -> Any:
    """Return the only column of a row."""
    return next(iter(row.values()))
