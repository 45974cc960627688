"""What people and pipes read: tables and coloured diffs, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgaudit_py.records import Activity, Change, HistoryEntry, RestorePlan


def console() -> Console:
    """Return the terminal, or a wide page where the output goes elsewhere."""
    found = Console(highlight=False, emoji=False, markup=False)
    return found if found.is_terminal else Console(highlight=False, emoji=False, markup=False, width=160)


def json_line(record: Any) -> None:
    """Print a record as one line of JSON; numbers keep every digit."""
    click.echo(to_json(record))


def to_json(value: Any) -> str:
    """Write a value as JSON, a Decimal with all of its digits; what JSON lacks becomes text."""
    if isinstance(value, Change):
        return to_json(value.raw)
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return to_json({name: getattr(value, name) for name in value.__dataclass_fields__})
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{to_json(str(key))}: {to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)


def short(value: Any, width: int = 40) -> str:
    """Write a value on one line, cut to a width; NULL for None."""
    if value is None:
        return "NULL"
    text = value if isinstance(value, str) else to_json(value)
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= width else text[: width - 1] + "…"


def when(at: datetime) -> str:
    """Write a time of this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def diff(changes: Mapping[str, Change]) -> Text:
    """Write changes as coloured lines, one a field."""
    lines = Text()
    for name, change in sorted(changes.items()):
        lines.append("\n" if lines else "")
        lines.append(f"{name}: ", style="bold")
        lines.append(short(change.old), style="red")
        lines.append(" → ")
        lines.append(short(change.new), style="green")
    return lines


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Table:
    """Lay rows out in columns."""
    made = Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else "" if cell is None else str(cell) for cell in row))
    return made


def activities(items: Iterable[Activity]) -> Table:
    """Lay activities out, one a line and a field a line."""
    return table(
        ["id", "when", "who", "from", "action", "what", "changes"],
        (
            (one.id, when(one.created_at), one.causer or f"({one.db_role})", one.ip, one.action, one.subject, diff(one.changes))
            for one in items
        ),
    )  # fmt: skip


def history(entries: Iterable[HistoryEntry]) -> Table:
    """Lay a history out."""
    return table(
        ["id", "when", "who", "from", "action", "key", "changes"],
        (
            (one.id, when(one.created_at), one.causer, one.ip, one.action, one.key, diff(one.changes))
            for one in entries
        ),
    )


def state(values: Mapping[str, Any] | None) -> Table:
    """Lay a record out, one field a line."""
    return table(["field", "value"], ((name, short(value, 100)) for name, value in (values or {}).items()))


def plan(made: RestorePlan) -> Text:
    """Say what a restore would do."""
    words = {
        "insert": "would be put back",
        "update": "would be changed back",
        "delete": "would be deleted: it did not exist then",
        "none": "is already as wanted",
    }
    subject = f"{made.subject_type}:{made.current_id}" if made.current_id else made.subject_type
    lines = Text(f"{subject} {words[made.operation]}")
    if made.changes and made.operation in {"insert", "update"}:
        lines.append("\n").append_text(diff(made.changes))
    for name, why in sorted(made.left_out.items()):
        lines.append(f"\n{name}: left as it is ({why})", style="dim")
    if made.conflict:
        lines.append(f"\nconflict: {made.conflict}", style="bold red")
    return lines
