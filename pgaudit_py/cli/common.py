"""What the commands share: settings, the connection, and reading what was typed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pgaudit_py import Audit

    _TimeType = click.ParamType[datetime]
else:  # generic at run time from click 8.2 on
    _TimeType = click.ParamType

FOUND = 3
"""Exit code of a command that looked for something wrong and found it."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `pgaudit-py` itself."""

    dsn: str | None
    output: str

    @contextmanager
    def audit(self) -> Iterator[Audit]:
        """Connect, in autocommit mode."""
        from pgaudit_py import Audit
        from pgaudit_py.connect import choose_dsn, connect

        with connect(choose_dsn(self.dsn, os.environ), autocommit=True) as conn:
            yield Audit(conn)


class Time(_TimeType):
    """A time: 2d, 3h, 15m ago, or ISO 8601; without a zone it is this machine's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read what was typed."""
        if ago := re.fullmatch(r"(\d{1,6})([smhdw])", value):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        try:
            return datetime.fromisoformat(value).astimezone()
        except ValueError:
            self.fail(f"{value!r} is no time. Write 2d, 3h, 15m, or 2026-11-01T12:00+01:00.", param, ctx)


def agree(question: str, *, yes: bool) -> None:
    """Ask before something is written.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask. Add --yes to do it, or --dry-run to look only.")
    click.confirm(question, abort=True)
