"""Reading what was typed: ids, times, JSON, names; and what a shell can complete of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from pgaudit_py.cli import completing

if TYPE_CHECKING:
    _IdType = click.ParamType[int]
    _TimeType = click.ParamType[datetime]
    _JsonType = click.ParamType[dict[str, Any]]
    _TextType = click.ParamType[str]
else:  # generic at run time from click 8.2 on
    _IdType = _TimeType = _JsonType = _TextType = click.ParamType

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = 60


def quoted(value: str) -> str:
    """Write what was typed for a message, cut where it is long."""
    return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")


class Id(_IdType):
    """The number of an activity, a version or a transaction: one that the database can hold."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read what was typed."""
        if not re.fullmatch(r"[0-9]{1,19}", value) or int(value) >= 2**63:
            self.fail(
                f"{quoted(value)} is no id. Write a number, as `pgaudit-py activity` shows it.", param, ctx
            )
        return int(value)


class Time(_TimeType):
    """A time: 2d, 3h, 15m ago, or ISO 8601; without a zone it is this machine's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read what was typed."""
        try:
            if ago := re.fullmatch(r"([0-9]{1,9})([smhdw])", value):
                return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, OverflowError):
            self.fail(
                f"{quoted(value)} is no time. Write 2d, 3h, 15m, or 2026-11-01T12:00+01:00.", param, ctx
            )


class JsonObject(_JsonType):
    """An object, written as JSON."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Read what was typed."""
        try:
            # NaN is Python's own; a number that a float cannot hold would become infinite.
            found = json.loads(value, parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self.fail(f'{quoted(value)} is no JSON object. Write {{"route": "/posts"}}.', param, ctx)
        return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _finite(number: str) -> float:
    if float(number) in {float("inf"), float("-inf")}:
        raise ValueError(number)
    return float(number)


class Text(_TextType):
    """A text that says something: an empty one is a variable that was not set, and would mean everything or nobody."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse nothing."""
        if not value:
            way_out = ", or leave the option out" if isinstance(param, click.Option) else ""
            self.fail(f"It is empty. Give a value{way_out}.", param, ctx)
        return str(value)


class Action(Text):
    """An action: one of this library's, or a word of the application's."""

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Offer this library's own: to ask the log for the application's would mean to read all of it."""
        return completing.beginning(completing.ACTIONS, incomplete)


class AuditedTable(_TextType):
    """A table under audit, by its own name or by what its records are called."""

    name = "table"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Offer what the records of the tables are called."""
        return completing.beginning(completing.audited(ctx), incomplete)


class Subject(AuditedTable):
    """A table or a record: posts, posts:1."""

    name = "subject"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse nothing."""
        if not value:
            self.fail("A subject begins with a name. Write posts, or posts:1.", param, ctx)
        return str(value)


class AnyTable(_TextType):
    """A table that may be put under audit."""

    name = "table"

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Offer the tables of the database, as SQL names them."""
        return completing.beginning(completing.auditable(ctx), incomplete)
