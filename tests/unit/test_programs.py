"""CSV that a program reads back exactly, and that a spreadsheet does not calculate."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from pgaudit_py.output.programs import cell, write_csv
from pgaudit_py.records import Change


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("", ""),
        ("Tea", "Tea"),
        (5, "5"),
        (-5, "-5"),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("1E+3"), "1E+3"),
        (True, "true"),
        ("-5", "-5"),
        ("-1.5e-7", "-1.5e-7"),
        ("-5+1", "'-5+1"),
        ("-", "'-"),
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("'=1", "''=1"),
        ("'tis", "''tis"),
        ("a=1", "a=1"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2026, 11, 1, tzinfo=UTC), "2026-11-01T00:00:00+00:00"),
        ({"n": Decimal("1.50")}, '{"n": 1.50}'),
        (("id",), '["id"]'),
        ([], "[]"),
        ({"title": Change("a", "b", {"old": "a", "new": "b"})}, '{"title": {"old": "a", "new": "b"}}'),
        (Change(None, "b", {"new": "b"}), '{"new": "b"}'),
    ],
)
def test_a_cell(value: Any, written: str) -> None:
    assert cell(value) == written
    if isinstance(value, str):
        assert written.removeprefix("'") == value.removeprefix("'") or written[1:] == value


NASTY = ['a"b', "a,b", "a\r\nb", "'", "''", "=1", "-5", "\t", "ä🙂", " a ", "x\x1b[31m"]


def test_it_is_read_back() -> None:
    page = StringIO(newline="")
    write_csv([{"id": number, "=name": text} for number, text in enumerate(NASTY)], page, None)
    page.seek(0)
    header, *lines = csv.reader(page)
    assert header == ["id", "'=name"]
    assert [text.removeprefix("'") if text != "-5" else text for _, text in lines] == NASTY
    assert page.getvalue().startswith("id,'=name\r\n")


def test_names_come_where_there_is_nothing() -> None:
    page = StringIO(newline="")
    write_csv([], page, ["id", "title"])
    assert page.getvalue() == "id,title\r\n"
