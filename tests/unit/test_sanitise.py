"""Whatever an application says becomes text or JSON that PostgreSQL takes, and nothing is lost in silence."""

import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgaudit_py import sanitise
from pgaudit_py.sanitise import MAX_METADATA, MAX_TEXT, REPLACEMENT

UNSTORABLE = re.compile("[\0\ud800-\udfff]")

any_text = st.text(st.characters(codec=None))  # NUL and lone surrogates included
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=20,
)
anything = (
    json_values | st.binary() | st.tuples(st.integers()) | st.sets(st.integers()) | st.complex_numbers()
)


class Unspeakable:
    """An object whose str() fails."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


class BrokenMapping(Mapping[str, object]):
    """A lazy mapping whose source is gone."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError("gone")

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("gone")

    def __len__(self) -> int:
        return 1


class Colour(Enum):
    RED = "red"


def deep(levels: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"n": nested}
    return nested


# --- text ----------------------------------------------------------------------------------------


@given(anything)
def test_every_text_can_be_stored_and_is_short(value: object) -> None:
    result = sanitise.text(value)
    assert len(result) <= MAX_TEXT
    assert not UNSTORABLE.search(result)
    result.encode()


@given(st.text(max_size=MAX_TEXT).filter(lambda value: "\0" not in value))
def test_good_text_is_kept_as_it_is(value: str) -> None:
    assert sanitise.text(value) == value


@given(anything)
def test_sanitising_twice_changes_nothing(value: object) -> None:
    once = sanitise.text(value)
    assert sanitise.text(once) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\0b", f"a{REPLACEMENT}b"),
        ("a\ud800b", f"a{REPLACEMENT}b"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", f"caf{REPLACEMENT}"),
        (42, "42"),
        (True, "True"),
        (Unspeakable(), "<Unspeakable>"),
        ("x" * (MAX_TEXT + 1), "x" * MAX_TEXT),
    ],
)
def test_text(value: object, expected: str) -> None:
    assert sanitise.text(value) == expected


@pytest.mark.parametrize(("value", "expected"), [(None, None), ("", None), (b"", None), (0, "0"), ("a", "a")])
def test_optional_text_knows_nothing_from_something(value: object, expected: str | None) -> None:
    assert sanitise.optional_text(value) == expected


# --- inet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7\n", "203.0.113.7"),
        ("203.0.113.7/24", "203.0.113.7/24"),
        ("2001:DB8::0001", "2001:db8::1"),
        ("2001:db8::/48", "2001:db8::/48"),
        (b"203.0.113.7", "203.0.113.7"),
        (ipaddress.ip_address("203.0.113.7"), "203.0.113.7"),
        (ipaddress.ip_interface("203.0.113.7/24"), "203.0.113.7/24"),
        ("203.0.113.7:443", None),
        ("[2001:db8::1]", None),
        ("203.0.113.7, 10.0.0.1", None),
        ("203.0.113.7/255.255.255.0", None),
        ("203.0.113.7/", None),
        ("203.0.113.7/33", None),
        ("203.0.113.7/\N{ARABIC-INDIC DIGIT TWO}", None),
        ("fe80::1%eth0", None),
        ("localhost", None),
        ("2130706433", None),
        ("", None),
        ("1" * 10_000_000, None),
    ],
)
def test_inet(value: object, expected: str | None) -> None:
    assert sanitise.inet(value) == expected


@given(st.ip_addresses())
def test_every_address_is_kept(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert sanitise.inet(str(address)) == str(address)


@given(anything)
def test_inet_never_raises(value: object) -> None:
    sanitise.inet(value)


# --- metadata ------------------------------------------------------------------------------------


@given(anything)
def test_metadata_is_always_an_object_that_jsonb_takes(value: object) -> None:
    result = sanitise.metadata(value)
    serialised = json.dumps(result, ensure_ascii=False, allow_nan=False)
    assert not UNSTORABLE.search(serialised)
    assert "\\u0000" not in serialised.replace("\\\\", "")


@given(anything)
def test_cleaning_metadata_twice_changes_nothing(value: object) -> None:
    once = sanitise.metadata(value)
    assert sanitise.metadata(once) == once


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, {}),
        ({"route": "/posts", "n": [1, 2.5, None, True]}, {"route": "/posts", "n": [1, 2.5, None, True]}),
        ({1: "one", None: "none"}, {"1": "one", "None": "none"}),
        ([("a", 1)], {"a": 1}),
        ({"t": (1, 2)}, {"t": [1, 2]}),
        ({"d": Decimal("1.10")}, {"d": "1.10"}),
        ({"e": Colour.RED}, {"e": "Colour.RED"}),
        ({"n": float("nan"), "i": float("-inf")}, {"n": "NaN", "i": "-Infinity"}),
        (
            {"a\0": ["b\ud800", {"c\0": "d\0"}]},
            {f"a{REPLACEMENT}": [f"b{REPLACEMENT}", {f"c{REPLACEMENT}": f"d{REPLACEMENT}"}]},
        ),
        ({"u": Unspeakable()}, {"u": "<Unspeakable>"}),
        ("text", {"_invalid": "text"}),
        (7, {"_invalid": "7"}),
        (None, {"_invalid": "None"}),
    ],
)
def test_metadata(value: object, expected: dict[str, object]) -> None:
    assert sanitise.metadata(value) == expected


def test_metadata_that_is_too_long_becomes_text() -> None:
    result = sanitise.metadata({"body": "x" * MAX_METADATA})
    assert result == {"_invalid": ('{"body": "' + "x" * MAX_TEXT)[:MAX_TEXT]}


def test_metadata_is_measured_in_bytes() -> None:
    assert "_invalid" in sanitise.metadata({"body": "é" * (MAX_METADATA // 2)})
    longest = {"body": "é" * ((MAX_METADATA - len('{"body": ""}')) // 2)}
    assert sanitise.metadata(longest) == longest


def test_metadata_with_a_circle_becomes_text() -> None:
    circle: dict[str, object] = {}
    circle["self"] = circle
    assert sanitise.metadata(circle) == {"_invalid": "{'self': {...}}"}


def test_metadata_that_is_too_deep_for_json_becomes_text() -> None:
    assert set(sanitise.metadata(deep(100_000))) == {"_invalid"}


def test_a_mapping_that_fails_becomes_text() -> None:
    assert set(sanitise.metadata(BrokenMapping())) == {"_invalid"}


def test_a_number_too_long_to_print_does_not_raise() -> None:
    assert sanitise.metadata({"n": 10**10_000, "a": 1}) == {"n": "<int>", "a": 1}


def test_own_entries_are_kept_whatever_happens_to_the_others() -> None:
    own = {"_ip": "nowhere"}
    assert sanitise.metadata({"a": 1}, own) == {"a": 1, "_ip": "nowhere"}
    assert set(sanitise.metadata({"a": "x" * MAX_METADATA}, own)) == {"_ip", "_invalid"}
    assert sanitise.metadata("text", own) == {"_ip": "nowhere", "_invalid": "text"}


# --- reserved names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, {"a": 1}),
        ({"_ip": 1}, {"ip": 1}),
        ({"__ip": 1}, {"ip": 1}),
        ({"_": 1}, {"unnamed": 1}),
        ({"_a": 1, "a": 2}, {"a": 2, "a_": 1}),
        ({"_a": 1, "a": 2, "a_": 3}, {"a": 2, "a_": 3, "a__": 1}),
        ("text", "text"),
        (7, 7),
    ],
)
def test_rename_reserved(value: object, expected: object) -> None:
    assert sanitise.rename_reserved(value) == expected


def test_a_mapping_that_fails_comes_back_as_it_is() -> None:
    broken = BrokenMapping()
    assert sanitise.rename_reserved(broken) is broken


@given(st.dictionaries(st.text("_ab", max_size=4), st.integers()))
def test_renaming_loses_nothing_and_leaves_no_reserved_name(value: dict[str, int]) -> None:
    renamed = sanitise.rename_reserved(value)
    assert isinstance(renamed, dict)
    assert sorted(renamed.values()) == sorted(value.values())
    assert not any(key.startswith("_") for key in renamed)
    assert {key: item for key, item in value.items() if not key.startswith("_")}.items() <= renamed.items()
