"""Records take what they know of a row, and are no keys of a dict where they hold one."""

from __future__ import annotations

from typing import Any

import pytest

from pgaudit_py import records
from pgaudit_py.records import Activity, Change, HistoryEntry, Page, Problem, RestorePlan, Version

READ: tuple[Any, ...] = (Activity, HistoryEntry, Version, Problem, RestorePlan)


@pytest.mark.parametrize("kind", READ)
def test_columns_of_a_newer_schema_are_left_out(kind: Any) -> None:
    row = dict.fromkeys(kind.__dataclass_fields__) | {"key": (), "columns": ()}
    assert kind.of(row | {"newer": 1}) == kind.of(row)


@pytest.mark.parametrize("kind", [Change, Activity, Page, HistoryEntry, Problem, RestorePlan])
def test_what_holds_a_dict_has_no_hash(kind: Any) -> None:
    assert kind.__hash__ is None


def test_a_version_has_one() -> None:
    row = dict.fromkeys(records.Version.__dataclass_fields__)
    assert len({Version.of(row), Version.of(row)}) == 1
