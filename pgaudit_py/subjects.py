"""Which record, and when: what people and programs write, made what the database is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from pgaudit_py.errors import OptionError

Key: TypeAlias = object
"""A record's key: an int, str, UUID, date, …; a list or tuple of them for a composite one."""


def key_texts(key: Key) -> list[str]:
    """Write a key as texts, one for each of its columns; the database casts them to the columns' types.

    Raises:
        OptionError: a part of it is None.
    """
    parts = list(key) if isinstance(key, (list, tuple)) else [key]
    if not parts or any(part is None for part in parts):
        raise OptionError(f"{key!r} is no key", hint="Give a value for each column of the record's key.")
    return [str(part).lower() if isinstance(part, bool) else str(part) for part in parts]


def aware(at: datetime) -> datetime:
    """Refuse a time without a time zone: which of the world's would it be?

    Raises:
        OptionError: it has none, or is no datetime.
    """
    if not isinstance(at, datetime):
        raise OptionError(f"{at!r} is no time", hint="Give a datetime: datetime.now(timezone.utc).")
    if at.tzinfo is None:
        raise OptionError(f"the time {at} has no time zone", hint="Add one: datetime.now(timezone.utc).")
    return at


def number(name: str, value: int | None) -> int | None:
    """Refuse what is no number of PostgreSQL's bigint, as ids and transactions are.

    Args:
        name: what to call it.
        value: the number; None passes.

    Raises:
        OptionError: it is something else.
    """
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63):
        return value
    raise OptionError(f"{name} is {value!r}", hint="Give a number as the log has it.")


def words(value: object) -> str | None:
    """Give the database text: it would look for a function of another type's, and find none."""
    return None if value is None else str(value)


def subject_parts(subject: object) -> tuple[str | None, list[str] | None]:
    """Part what an activity is about into its type and the texts of its key; None for what was not said.

    Args:
        subject: (type, key), a type, or None.

    Raises:
        OptionError: it is something else.
    """
    if not isinstance(subject, (tuple, list)):
        return words(subject), None
    if len(subject) != 2:
        raise OptionError(
            f"the subject {subject!r} is no type and key",
            hint='Give two: ("posts", 1), or ("links", (7, "de")) where the key has several columns.',
        )
    return words(subject[0]), key_texts(subject[1])


def parse_subject(text: str) -> tuple[str, Key] | str:
    """Read a subject as people type it: posts, posts:1, posts:["7", "de"].

    Returns:
        The subject type, with the key where one was given.
    """
    subject_type, colon, key = text.partition(":")
    return (subject_type, parse_key(key)) if colon else subject_type


def parse_key(text: str) -> str | Sequence[str]:
    """Read a key as the log writes it: 1, or ["7", "de"] for a composite one."""
    if text.startswith("["):
        try:
            parts = json.loads(text)
        except (ValueError, RecursionError):
            return text
        if isinstance(parts, list) and len(parts) > 1:
            return [str(part) for part in parts]
    return text
