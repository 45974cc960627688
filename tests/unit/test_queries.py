"""Filters become statements; what cannot be asked is refused before anything is sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from pgaudit_py import driving, queries, subjects
from pgaudit_py.errors import OptionError
from pgaudit_py.models import Actor
from pgaudit_py.options import Options
from pgaudit_py.records import RestorePlan
from pgaudit_py.statements import Flow


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


@pytest.mark.parametrize("limit", [0, -1, 10_001, "5", None])
def test_a_page_has_bounds(limit: Any) -> None:
    with pytest.raises(OptionError, match="limit"):
        next(queries.activity(limit=limit))


def test_a_time_needs_its_zone() -> None:
    with pytest.raises(OptionError, match="time zone"):
        queries.record_at("posts", 1, datetime(2026, 1, 2))


@pytest.mark.parametrize("subject", [("a", 1, 2), ("a",), (), ["a"], ("a", None)])
def test_what_is_no_subject(subject: Any) -> None:
    for ask in (queries.activity(subject=subject), restoring_of(subject)):
        with pytest.raises(OptionError) as caught:
            next(ask)
        assert caught.value.hint
    with pytest.raises(OptionError):
        queries.log("published", subject)


@pytest.mark.parametrize("at", ["2020", 2020, date(2020, 1, 1)])
def test_what_is_no_time(at: Any) -> None:
    with pytest.raises(OptionError, match="is no time"):
        next(queries.activity(since=at))
    with pytest.raises(OptionError, match="is no time"):
        queries.record_at("posts", 1, at)


@pytest.mark.parametrize("version", [True, "1", 1.0, -1])
def test_what_is_no_version(version: Any) -> None:
    with pytest.raises(OptionError, match="version is"):
        queries.version(version)


@pytest.mark.parametrize("causer", [SimpleNamespace(pk=None), SimpleNamespace(id=None), ""])
def test_a_causer_who_is_nobody_is_not_everybody(causer: object) -> None:
    with pytest.raises(OptionError, match="has no id"):
        next(queries.activity(causer=causer))


def test_a_causer_as_set_actor_takes_it() -> None:
    for causer in (User(7), Actor.of(User(7))):
        assert asked(causer=causer) == {"causer_type": "user", "causer_id": "7"}
    assert asked(causer=User(7), causer_type="admin") == {"causer_type": "admin", "causer_id": "7"}
    assert asked(causer=UUID(int=7)) == {"causer_id": str(UUID(int=7))}


def test_arguments_of_other_types_become_text() -> None:
    uuid = UUID(int=7)
    assert asked(request_id=uuid, action=4, field=5, subject=6) == {
        "request_id": str(uuid),
        "action": "4",
        "field": "5",
        "subject_type": "6",
    }
    params = queries.log(4, ("a", uuid)).params or {}  # type: ignore[arg-type]
    assert (params["action"], params["key"]) == ("4", [str(uuid)])


def restoring_of(subject: Any) -> Flow[RestorePlan]:
    return driving.restore(None, None, subject, datetime(2026, 1, 2, tzinfo=UTC))


def test_a_plan_stands_alone() -> None:
    plan: Any = object()
    for others in ((2, None, None), (None, ("posts", 1), None), (None, None, datetime.now(UTC))):
        with pytest.raises(OptionError, match="plan says already"):
            next(driving.restore(plan, *others))


class User:
    def __init__(self, id: int) -> None:
        self.id = id


def asked(**filters: Any) -> dict[str, object]:
    """What a search asks the database for, without what it leaves open."""
    params = next(queries.activity(**filters)).params or {}
    return {name: value for name, value in params.items() if value is not None and name != "max_rows"}


@pytest.mark.parametrize("options", [{"snapshots": "some"}, {"truncate_rows": -1}])
def test_options(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        Options(**options)  # type: ignore[arg-type]
