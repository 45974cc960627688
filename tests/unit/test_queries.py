"""Filters become statements; what cannot be asked is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from pgaudit_py import queries, subjects
from pgaudit_py.errors import OptionError
from pgaudit_py.triggers import Options


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        (1, ["1"]),
        ("a", ["a"]),
        (("a", 1), ["a", "1"]),
        ([True], ["true"]),
        (UUID(int=1), ["00000000-0000-0000-0000-000000000001"]),
        (Decimal("1.50"), ["1.50"]),
        (datetime(2026, 1, 2, tzinfo=UTC), ["2026-01-02 00:00:00+00:00"]),
    ],
)
def test_keys(key: object, texts: list[str]) -> None:
    assert subjects.key_texts(key) == texts


@pytest.mark.parametrize("key", [None, (), (1, None)])
def test_no_keys(key: object) -> None:
    with pytest.raises(OptionError, match="no key"):
        subjects.key_texts(key)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("posts", "posts"),
        ("posts:1", ("posts", "1")),
        ("posts:a:b", ("posts", "a:b")),
        ('posts:["7", "de"]', ("posts", ["7", "de"])),
        ('posts:["7"]', ("posts", '["7"]')),
        ("posts:[7", ("posts", "[7")),
        ("posts:", ("posts", "")),
    ],
)
def test_subjects(text: str, subject: object) -> None:
    assert subjects.parse_subject(text) == subject


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_page_has_bounds(limit: int) -> None:
    with pytest.raises(OptionError, match="limit"):
        next(queries.activity(limit=limit))


def test_a_time_needs_its_zone() -> None:
    with pytest.raises(OptionError, match="time zone"):
        queries.record_at("posts", 1, datetime(2026, 1, 2))


@pytest.mark.parametrize("options", [{"snapshots": "some"}, {"truncate_rows": -1}])
def test_options(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        Options(**options)  # type: ignore[arg-type]
