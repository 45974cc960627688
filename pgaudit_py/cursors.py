"""Cursors that write and read values in psycopg's own ways, whatever the application registered on its connection."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial

import psycopg
from psycopg import postgres
from psycopg.adapt import AdaptersMap
from psycopg.rows import Row
from psycopg.types import TypesRegistry
from psycopg.types.array import register_all_arrays
from psycopg.types.json import set_json_loads


def _read_integer(text: str) -> int | Decimal:
    # Python refuses to make an int of more digits than this.
    return int(text) if len(text) < 4000 else Decimal(text)


def _own_adapters() -> AdaptersMap:
    """Make what psycopg starts with, and read numbers in JSON with every digit: a float would lose some."""
    types = TypesRegistry()
    postgres.register_default_types(types)
    adapters = AdaptersMap(types=types)
    postgres.register_default_adapters(adapters)
    register_all_arrays(adapters)
    set_json_loads(partial(json.loads, parse_float=Decimal, parse_int=_read_integer), adapters)
    return adapters


_ADAPTERS = _own_adapters()


class OwnCursor(psycopg.Cursor[Row]):
    """A cursor that takes no adapters from its connection: made by its class, so no factory of it either."""

    @property
    def adapters(self) -> AdaptersMap:
        """The adapters of this library's cursors."""
        return _ADAPTERS


class AsyncOwnCursor(psycopg.AsyncCursor[Row]):
    """The async OwnCursor."""

    @property
    def adapters(self) -> AdaptersMap:
        """The adapters of this library's cursors."""
        return _ADAPTERS
