"""What would be done, written down: every statement that writes, as a script for psql."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from markupsafe import Markup

from pgaudit_py._version import __version__
from pgaudit_py.render import render
from pgaudit_py.statements import Kind


@dataclass
class Rehearsal:
    """The statements of a rehearsal, parted into the transactions that they would be run in."""

    transactions: list[list[str]] = field(default_factory=list)
    _open: list[str] | None = None
    _writes: bool = False

    @property
    def sql(self) -> str:
        """The script; empty where there is nothing to do."""
        parts = [[Markup(one) for one in statements] for statements in self.transactions]  # noqa: S704 - SQL
        return render("script", version=__version__, transactions=parts) if parts else ""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin a transaction of the script; one that fails, or writes nothing, is not in it."""
        self._open, self._writes = [], False
        try:
            yield
            if self._writes:
                self.transactions.append(self._open)
        finally:
            self._open = None

    def note(self, kind: Kind, sql: str) -> None:
        """Write a statement down, complete with its parameters."""
        if self._open is None or kind == Kind.READ:
            return
        self._writes |= kind in {Kind.WRITE, Kind.LOCK}
        text = _without_remarks(sql).strip()
        self._open.append(text if text.endswith(";") else f"{text};")


def _without_remarks(sql: str) -> str:
    """Leave out of a query's first comment what is for those who call it; the first line says what it does."""
    lines = sql.splitlines()
    if (
        len(lines) > 1
        and lines[1].startswith("-- ")
        and sql.count("-- Parameters:") + sql.count("-- Result:") > 0
    ):
        rest = next(number for number, line in enumerate(lines) if not line.startswith("-- "))
        lines = [lines[0].replace(" Runs under the pinned search_path.", ""), *lines[rest:]]
    return "\n".join(lines)
