"""What programs read: JSON, one line a record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from pgaudit_py.records import Change


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
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
