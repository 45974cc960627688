"""Make what an application says about its user storable: context never fails a write.

Pure functions from anything to text or JSON that PostgreSQL takes. What cannot be kept as it is, is kept
as text under a key that begins with an underscore; nothing is dropped in silence.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import cast

MAX_TEXT = 512
"""Characters kept of a text: a user agent of 10 MB would cost every trigger call milliseconds."""

MAX_METADATA = 8192
"""Bytes (UTF-8, as JSON) of metadata that are kept as they are."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates: no text of PostgreSQL has them


def text(value: object) -> str:
    """Turn anything into text that PostgreSQL can store, of at most MAX_TEXT characters.

    Args:
        value: a str; bytes, read as UTF-8; or anything else, by its str().

    Returns:
        The text, with U+FFFD for every character that cannot be stored.
    """
    return storable(_as_str(value)[:MAX_TEXT])


def optional_text(value: object) -> str | None:
    """Do as `text` does, and return None for None and for an empty text."""
    return None if value is None else text(value) or None


def storable(value: str) -> str:
    """Put U+FFFD in the place of every character that PostgreSQL refuses."""
    return _UNSTORABLE.sub(REPLACEMENT, value)


def inet(value: object) -> str | None:
    """Read an IP address, with or without a prefix length, as PostgreSQL's inet does.

    Args:
        value: a text such as "203.0.113.7" or "2001:db8::/48", or an object of module ipaddress.

    Returns:
        Its canonical text, or None where it is something else: a list, a port, a zone, a netmask.
    """
    address, slash, prefix = _as_str(value)[:MAX_TEXT].strip().partition("/")
    if slash and not (prefix.isascii() and prefix.isdigit()):
        return None
    try:
        # Python also reads zones (fe80::1%eth0); inet does not.
        interface = ipaddress.ip_interface(f"{address}/{prefix}" if slash else address)
    except ValueError:
        return None
    if getattr(interface, "scope_id", None) is not None:
        return None
    return str(interface) if slash else str(interface.ip)


def metadata(value: object, own: Mapping[str, str] | None = None) -> dict[str, object]:
    """Turn metadata into a JSON object of at most MAX_METADATA bytes.

    Args:
        value: a mapping. Values that JSON lacks are kept by their str(), NaN and the infinities too.
        own: entries of this library's, storable already, that are kept whatever happens to the others.

    Returns:
        A plain dict of JSON values. What is too long or not expressible in JSON is kept as text, cut at
        MAX_TEXT characters, under `_invalid`.
    """
    own = own or {}
    try:
        serialised = _dumps({**_text_keys(value), **own})
        if len(serialised.encode()) <= MAX_METADATA:
            return _read(serialised)
    except Exception:  # no mapping, a circle, too deep; and somebody's mapping may raise anything
        serialised = _as_str(value)
    return {**own, "_invalid": text(serialised)}


def json_object(value: object) -> dict[str, object]:
    """Turn a mapping into a JSON object that PostgreSQL can store, of any size.

    Args:
        value: a mapping. Values that JSON lacks become their str(), NaN and the infinities too.

    Raises:
        TypeError, ValueError, RecursionError: it is no mapping, holds itself, or is too deep.
    """
    return _read(_dumps(_text_keys(value)))


def exact_json(value: object) -> str:
    """Write a value as JSON that PostgreSQL can store, with every digit that it has.

    Args:
        value: a mapping, list, tuple, set, text, number, date, time, … A Decimal stays a number; an Enum is its
            value; bytes are written as bytea is; what JSON lacks (NaN, a UUID) becomes its str().

    Raises:
        ValueError, RecursionError: a number has more digits than Python writes; it holds itself, or is too deep.
    """
    match value:
        case Mapping():
            return (
                "{" + ", ".join(f"{exact_json(_as_str(k))}: {exact_json(v)}" for k, v in value.items()) + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(map(exact_json, value)) + "]"
        case set() | frozenset():  # in one order, whatever their own: else it would differ from itself
            return "[" + ", ".join(sorted(map(exact_json, value))) + "]"
        case Enum():
            return exact_json(value.value)
        case _:
            return _exact_scalar(value)


def _exact_scalar(value: object) -> str:
    match value:
        case float() | Decimal() if math.isfinite(value):
            return str(value)
        case None | bool() | int():
            plain: object = value
        case date() | time():  # a datetime is a date
            plain = value.isoformat()
        case bytes() | bytearray() | memoryview():
            plain = "\\x" + value.hex()
        case _:
            plain = storable(_as_str(value))
    return json.dumps(plain, ensure_ascii=False)


def rename_reserved(value: object) -> object:
    """Take leading underscores off the keys of metadata: those names are the library's.

    Returns:
        A dict in which nothing got lost: a name that is taken gets underscores at its end. What is no
        mapping comes back as it is; `metadata` will keep it as text.
    """
    try:
        named = _text_keys(value)
    except Exception:  # as above
        return value
    renamed = {key: item for key, item in named.items() if not key.startswith("_")}
    for key in named.keys() - renamed.keys():
        free = key.lstrip("_") or "unnamed"
        while free in renamed:
            free += "_"
        renamed[free] = named[key]
    return renamed


def _text_keys(value: object) -> dict[str, object]:
    """Return a mapping's items under texts, the only keys JSON knows; raise for what is no mapping."""
    return {_as_str(key): item for key, item in dict(cast("Mapping[object, object]", value)).items()}


def _as_str(value: object) -> str:
    """Return str(value), of bytes their UTF-8 text, and the type's name where str() itself fails."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    try:
        return str(value)
    except Exception:  # somebody's __str__ may raise anything
        return f"<{type(value).__name__}>"


def _dumps(value: dict[str, object]) -> str:
    # Not ensure_ascii: an escaped surrogate or NUL would pass as text and fail as jsonb.
    try:
        return storable(json.dumps(value, default=_as_str, ensure_ascii=False))
    except ValueError:  # an integer of more digits than Python writes; or it holds itself, and fails again
        return storable(json.dumps(_writable(value), default=_as_str, ensure_ascii=False))


def _writable(value: object) -> object:
    match value:
        case list() | tuple():
            return [_writable(item) for item in value]
        case dict():
            return {_writable(key): _writable(item) for key, item in value.items()}
        case int() if type(value) is not bool and _as_str(value).startswith("<"):
            return _as_str(value)
        case _:
            return value


def _read(serialised: str) -> dict[str, object]:
    # Cleaning after the round trip sees only JSON's own types.
    return _clean_object(json.loads(serialised, parse_constant=str))


def _clean_object(value: dict[str, object]) -> dict[str, object]:
    return {storable(key): _clean(item) for key, item in value.items()}


def _clean(value: object) -> object:
    match value:
        case str():
            return storable(value)
        case list():
            return [_clean(item) for item in value]
        case dict():
            return _clean_object(value)
        case _:
            return value
