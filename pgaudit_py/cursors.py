"""Cursors that write and read values in psycopg's own ways, whatever the application registered on its connection."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache, partial

import psycopg
from psycopg import postgres
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap
from psycopg.rows import Row
from psycopg.types import TypesRegistry
from psycopg.types.array import register_all_arrays
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextBinaryLoader, TextLoader

_TEXTS = ("text", "name", "varchar", "bpchar", '"char"')


def _read_integer(text: str) -> int | Decimal:
    # Python refuses to make an int of more digits than this.
    return int(text) if len(text) < 4000 else Decimal(text)


def _read_json(encoding: str, data: bytes | str) -> object:
    text = data if isinstance(data, str) else str(data, encoding)
    return json.loads(text, parse_float=Decimal, parse_int=_read_integer)


class _Text(TextLoader):
    """Text as str also over a connection of SQL_ASCII, which has no encoding and gives bytes; most are UTF-8."""

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        self._encoding = self._encoding or "utf-8"


class _BinaryText(_Text, TextBinaryLoader):
    """The same in binary, which is what most results are."""


def _own_adapters(encoding: str) -> AdaptersMap:
    """Make what psycopg starts with, and read numbers in JSON with every digit: a float would lose some.

    Args:
        encoding: Python's name of what the connection gives texts in; psycopg takes JSON for UTF-8.
    """
    types = TypesRegistry()
    postgres.register_default_types(types)
    adapters = AdaptersMap(types=types)
    postgres.register_default_adapters(adapters)
    register_all_arrays(adapters)
    for name in _TEXTS:
        adapters.register_loader(name, _Text)
        adapters.register_loader(name, _BinaryText)
    set_json_loads(partial(_read_json, encoding), adapters)
    return adapters


@cache
def _adapters_for(encoding: str) -> AdaptersMap:
    """Return the adapters for what a connection gives texts in; of SQL_ASCII, which is any, UTF-8."""
    return _own_adapters("utf-8" if encoding == "ascii" else encoding)


class OwnCursor(psycopg.Cursor[Row]):
    """A cursor that takes no adapters from its connection: made by its class, so no factory of it either."""

    @property
    def adapters(self) -> AdaptersMap:
        """The adapters of this library's cursors."""
        return _adapters_for(self.connection.info.encoding)


class AsyncOwnCursor(psycopg.AsyncCursor[Row]):
    """The async OwnCursor."""

    @property
    def adapters(self) -> AdaptersMap:
        """The adapters of this library's cursors."""
        return _adapters_for(self.connection.info.encoding)
