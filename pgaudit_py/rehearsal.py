"""What would be done, written down: every statement that writes, as a script for psql."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from markupsafe import Markup

from pgaudit_py._version import __version__
from pgaudit_py.render import render


@dataclass
class Rehearsal:
    """The statements of a rehearsal, parted into the transactions that they would be run in."""

    transactions: list[list[str]] = field(default_factory=list)

    @property
    def sql(self) -> str:
        """The script; empty where there is nothing to do."""
        parts = [[Markup(one) for one in statements] for statements in self.transactions if statements]  # noqa: S704 - SQL
        return render("script", version=__version__, transactions=parts) if parts else ""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin a transaction of the script; what fails is not in it."""
        self.transactions.append([])
        try:
            yield
        except BaseException:
            self.transactions.pop()
            raise

    def note(self, sql: str) -> None:
        """Write a statement down, complete with its parameters."""
        text = sql.strip()
        self.transactions[-1].append(text if text.endswith(";") else f"{text};")
