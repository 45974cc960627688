"""Which tables an install means, and which options each of them gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from pgaudit_py.cli.common import say

if TYPE_CHECKING:
    from pgaudit_py import Audit

COLUMNS = ("exclude", "redact", "key")
"""Options that name columns."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tables as they were named on the line."""

    tables: Sequence[str]
    """Names, and patterns."""
    schema: str | None
    every: bool
    skip: Sequence[str]
    """Patterns of those that are not meant."""

    def __post_init__(self) -> None:
        if bool(self.tables) + (self.schema is not None) + self.every != 1:
            raise click.UsageError("Name tables by --table, or take those of a --schema, or --all.")
        if self.skip and self.tables and not self.patterns:
            raise click.UsageError("--skip goes with --all, --schema, or a pattern.")

    @property
    def patterns(self) -> list[str]:
        """The names that may stand for several tables."""
        return [name for name in self.tables if set(name) & set("*?")]

    @property
    def names(self) -> list[str]:
        """The others, each once."""
        return [name for name in dict.fromkeys(self.tables) if name not in self.patterns]

    def find(self, audit: Audit) -> list[str]:
        """Look up the tables that are meant, each once; say of those that cannot be audited why not.

        Raises:
            TableNotFound: there is none.
        """
        from pgaudit_py.errors import TableNotFound

        if not (self.patterns or self.schema is not None or self.every):
            return list(self._named(audit).values())
        skipped = {one.name for one in audit.find_tables(*self.skip)} if self.skip else set()
        found = [
            one for one in audit.find_tables(*self.patterns, schema=self.schema) if one.name not in skipped
        ]
        names = self._named(audit)
        for one in found:
            if one.why_not:
                say(f"left out: {one.why_not}", err=True)
            else:
                names.setdefault(one.name, one.name)
        if not names:
            what = f"{', '.join(map(repr, self.patterns))} means no table that"
            raise TableNotFound(
                f"{what if self.patterns else 'no table'} can be audited",
                hint="See what there is: pgaudit-py status --all.",
            )
        return list(names.values())

    def _named(self, audit: Audit) -> dict[str, str]:
        """Return what each table that was named is called in full, and as it was named first."""
        from pgaudit_py.errors import TableNotFound

        tables: dict[str, str] = {}
        for name in self.names:
            try:
                tables.setdefault(audit.full_name(name), name)
            except TableNotFound:  # said in its turn, when the others can be installed
                tables[name] = name
        return tables


def share_out(columns: Mapping[str, Sequence[str]], options: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give each of several tables the columns that it has; pure.

    Args:
        columns: of each table.
        options: as they were given for all of them.

    Returns:
        Each table's options. Where a table has none of the columns, or not all of a key, its option stays as it is.

    Raises:
        OptionError: a column is in none of them.
    """
    from pgaudit_py.errors import OptionError

    shared: dict[str, dict[str, Any]] = {name: dict(options) for name in columns}
    for option in COLUMNS:
        wanted: Sequence[str] = options.get(option) or ()
        for one in wanted:
            if not any(_has(known, one) for known in columns.values()):
                raise OptionError(
                    f"none of the tables has a column {one!r} to {option}", hint="Check its name."
                )
        for name, known in columns.items() if wanted else ():
            fitting = [one for one in wanted if _has(known, one)]
            enough = len(fitting) == len(wanted) if option == "key" else fitting
            shared[name][option] = fitting if enough else None
    return shared


def _has(columns: Sequence[str], name: str) -> bool:
    """Tell whether a table has a column, or one of which `settings.token` may be a part."""
    return name in columns or any(name.startswith(f"{column}.") for column in columns)
