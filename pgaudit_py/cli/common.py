"""What the commands share: settings, the connection, and reading what was typed."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.subjects import Key

    _IdType = click.ParamType[int]
    _TimeType = click.ParamType[datetime]
    _JsonType = click.ParamType[dict[str, Any]]
else:  # generic at run time from click 8.2 on
    _IdType = _TimeType = _JsonType = click.ParamType

FOUND = 3
"""Exit code of a command that looked for something wrong and found it."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `pgaudit-py` itself."""

    dsn: str | None = None
    output: str = "table"

    @property
    def as_json(self) -> bool:
        """Whether a program reads what is printed."""
        return self.output == "json"

    @contextmanager
    def audit(self) -> Iterator[Audit]:
        """Connect, in autocommit mode."""
        from pgaudit_py import Audit
        from pgaudit_py.connect import choose_dsn, connect

        with connect(choose_dsn(self.dsn, os.environ), autocommit=True) as conn:
            yield Audit(conn)


def _keep(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    given = {} if value is None else {str(parameter.name): value}
    context.obj = replace(context.obj or Settings(), **given)


def general_options() -> list[click.Parameter]:
    """Make the options that may stand before a command's name as well as after it."""
    return [
        click.Option(
            ["--dsn"], callback=_keep, expose_value=False, metavar="DSN",
            help="The database; else PGAUDIT_PY_DSN, DATABASE_URL, the PG* variables or a service file.",
        ),
        click.Option(
            ["-o", "--output"], callback=_keep, expose_value=False, type=click.Choice(["table", "json"]),
            help="Tables for people (the default), or JSON lines for pipes.",
        ),
    ]  # fmt: skip


class Command(click.Command):
    """A command that knows the general options."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += general_options()


class Id(_IdType):
    """The number of an activity, a version or a transaction: one that the database can hold."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read what was typed."""
        if not re.fullmatch(r"[0-9]{1,19}", value) or int(value) >= 2**63:
            self.fail(f"{value!r} is no id. Write a number, as `pgaudit-py activity` shows it.", param, ctx)
        return int(value)


class Time(_TimeType):
    """A time: 2d, 3h, 15m ago, or ISO 8601; without a zone it is this machine's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read what was typed."""
        try:
            if ago := re.fullmatch(r"(\d{1,9})([smhdw])", value):
                return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no time. Write 2d, 3h, 15m, or 2026-11-01T12:00+01:00.", param, ctx)


class JsonObject(_JsonType):
    """An object, written as JSON."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Read what was typed."""
        try:
            # NaN is Python's own; a number that a float cannot hold would become infinite.
            found = json.loads(value, parse_constant=_refuse, parse_float=_finite)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.fail(f'{value!r} is no JSON object. Write {{"route": "/posts"}}.', param, ctx)
        return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _finite(number: str) -> float:
    if float(number) in {float("inf"), float("-inf")}:
        raise ValueError(number)
    return float(number)


def agree(question: str, *, yes: bool) -> None:
    """Ask before something is written.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: Ctrl-C or Ctrl-D.
        click.exceptions.Exit: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask. Add --yes to do it, or --dry-run to look only.")
    try:
        answer = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)  # the cursor is behind the question
        raise
    if not answer:
        say("nothing was done", err=True)
        raise click.exceptions.Exit(1)


def say(words: str, *, err: bool = False) -> None:
    """Print a line; names in it cannot command the terminal."""
    from pgaudit_py.output import visible

    click.echo(visible(words), err=err)


def called(audit: Audit, table: str) -> str:
    """Return what the records of a table are called: by its own name, or by theirs where it is no longer audited.

    Raises:
        TableNotTracked: the log knows nothing under this name.
    """
    from pgaudit_py.errors import TableNotFound, TableNotTracked

    try:
        return audit.subject_type(table)
    except (TableNotFound, TableNotTracked) as error:
        if table and audit.activity(subject=table, limit=1):
            return table
        audited = ", ".join(audit.tracked())
        raise type(error)(
            f"nothing was recorded of a table {table!r}",
            hint=f"Audited are: {audited}." if audited else "Begin with `pgaudit-py install --table NAME`.",
        ) from None


def subject_of(audit: Audit, text: str, *, recorded: bool = True) -> tuple[str, Key] | str:
    """Read a subject as people type it: posts, posts:1, posts:["7", "de"]; a table's name may hold a colon itself.

    Args:
        audit: where to look for the table.
        text: what was typed.
        recorded: refuse what the log does not know.

    Raises:
        TableNotTracked: the log knows nothing under this name.
    """
    from pgaudit_py.subjects import parse_key, parse_subject

    fitting = [name for name in audit.tracked() if text == name or text.startswith(f"{name}:")]
    if fitting:
        name = max(fitting, key=len)
        return name if text == name else (name, parse_key(text[len(name) + 1 :]))
    subject = parse_subject(text)
    name = subject if isinstance(subject, str) else subject[0]
    if not name:
        raise click.UsageError("A subject begins with a name: posts, or posts:1.")
    name = called(audit, name) if recorded else name
    return name if isinstance(subject, str) else (name, subject[1])
