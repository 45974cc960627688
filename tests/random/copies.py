"""A table as the tester has read it, to compare with what the log says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

from psycopg import sql

Row: TypeAlias = dict[str, str | None]
"""Each column as the server writes it, by its name then."""


@dataclass(frozen=True)
class Copy:
    """A table as it was at a time, by the tester's own reading."""

    types: dict[str, str]  # of the columns that the log watched then, under their names
    numbers: dict[str, int]
    rows: dict[str, Row]  # by key as the log writes it; of a table without a key by number
    who: dict[str, str]  # keys by the constant that tells a record


class Mismatch(AssertionError):
    """The log does not say what was."""


def text_of(expression: sql.Composable) -> sql.Composed:
    """Write a value as its type does, SQL NULL as NULL."""
    return sql.SQL("CASE WHEN num_nulls({0}) = 0 THEN format('%s', {0}) END").format(expression)


def array_of(parts: list[str]) -> str:
    return json.dumps(parts, ensure_ascii=False)


def same(what: str, told: object, was: object) -> None:
    if told != was:
        raise Mismatch(f"{what}: the log says {told!r}, and it was {was!r}")
