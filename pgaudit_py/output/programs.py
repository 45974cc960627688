"""What programs read: JSON or CSV, one line a record."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TextIO

import click

from pgaudit_py.records import Change

_CALCULATED = re.compile(r"[=+\-@'\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last ones are their wide forms
_NEGATIVE = re.compile(r"-\d+(\.\d+)?([eE][-+]?\d+)?")


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
        return to_json(fields_of(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{to_json(str(key))}: {to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_json(item) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def fields_of(record: Any) -> Mapping[str, Any]:
    """Take a record apart: a dataclass, or a mapping as it is."""
    if isinstance(record, Mapping):
        return record
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def write_csv(
    records: Iterable[Any], page: TextIO, header: Sequence[str] | None, escape: Callable[[str], str] = str
) -> None:
    """Write records as RFC 4180 has it: a line of names, then a line each.

    Args:
        records: dataclasses or mappings, all of one kind.
        page: where to.
        header: the names, where there may be no record to tell them.
        escape: applied to every cell; a terminal must not be commanded by one.
    """
    writer = csv.writer(page, lineterminator="\r\n")
    if header:
        writer.writerow([escape(cell(name)) for name in header])
    for record in records:
        fields = fields_of(record)
        if header is None:
            header = list(fields)
            writer.writerow([escape(cell(name)) for name in header])
        writer.writerow([escape(cell(fields.get(name))) for name in header])


def cell(value: Any) -> str:
    r"""Write a value for one cell of CSV.

    Returns:
        Nothing for NULL; a text as it is; anything else as JSON, a time as ISO 8601. A text that a spreadsheet would
        calculate, since it begins with = + - @ or white space, has a ' before it; so has one that begins with ', so
        that taking a leading ' off gives every text back. Numbers such as -5 stay numbers.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (bool, int, float, Decimal, Mapping, list, tuple)) or hasattr(
        value, "__dataclass_fields__"
    ):
        return to_json(value)
    text = str(value)
    return f"'{text}" if _CALCULATED.match(text) and not _NEGATIVE.fullmatch(text) else text


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
