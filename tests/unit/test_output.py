"""What people read fits the page, hides nothing that matters, and cannot command the terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import pytest
from rich.console import Console, RenderableType

from pgaudit_py.output import Diff, activities, state, to_json, visible
from pgaudit_py.records import Activity, Change


def shown(content: RenderableType, width: int = 80) -> list[str]:
    page = Console(width=width, color_system=None, highlight=False, emoji=False, markup=False)
    with page.capture() as captured:
        page.print(content)
    lines = captured.get().splitlines()
    assert all(len(line) <= width for line in lines), lines
    return lines


def change(**sides: Any) -> Change:
    return Change(sides.get("old"), sides.get("new"), sides)


def an_activity(**facts: Any) -> Activity:
    empty: dict[str, Any] = dict.fromkeys(Activity.__dataclass_fields__)
    known = {"id": 1, "created_at": datetime(2026, 11, 1, tzinfo=UTC), "action": "updated", "db_role": "app"}
    return Activity.of(empty | known | facts)


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (change(old="Tea", new="Mate"), "title  Tea → Mate"),
        (change(old=None, new="NULL"), "title  NULL → NULL"),
        (change(old="", new=None), "title  '' → NULL"),
        (change(old={"n": Decimal("1.50")}, new=None), 'title  {"n": 1.50} → NULL'),
        (change(new=None), "title  NULL → null"),  # of SQL NULL became a JSON null
        (change(old=None), "title  null → NULL"),
        (change(old="[red]a[/red] :smile:", new="b"), "title  [red]a[/red] :smile: → b"),
    ],
)
def test_a_change(one: Change, line: str) -> None:
    assert shown(Diff({"title": one})) == [line]


def test_what_differs_is_never_cut_away() -> None:
    before, after = "x" * 500, "y" * 500
    old, new = shown(Diff({"body": change(old=before + "old" + after, new=before + "new" + after)}))
    assert (old.startswith("body  - …"), "xoldy" in old, old.endswith("…")) == (True, True, True)
    assert (new.startswith("      + …"), "xnewy" in new, new.endswith("…")) == (True, True, True)
    old, new = shown(Diff({"body": change(old=before, new=before + "!")}))
    assert new.endswith("xx!")
    old, new = shown(Diff({"body": change(old="a" + after, new="b" + after)}))
    assert (old[8:10], new[8:10]) == ("ay", "by")


def test_bold_is_what_differs_by_whole_words() -> None:
    page = Console(width=80, force_terminal=True, color_system="standard")
    with page.capture() as captured:
        page.print(Diff({"doc": change(old='{"on": true, "n": 1.5}', new='{"on": false, "n": 1.5}')}))
    assert "\x1b[1;31mtrue\x1b[0m" in captured.get()
    assert "\x1b[1;32mfalse\x1b[0m" in captured.get()


def test_wide_characters_fit() -> None:
    page = Console(width=40, color_system=None)
    with page.capture() as captured:
        page.print(Diff({"title": change(old="茶" * 60, new="茶" * 61)}))
    assert all(page.measure(line).maximum <= 40 for line in captured.get().splitlines())


@pytest.mark.parametrize("width", [80, 100])
def test_long_names_fold_and_are_whole(width: int) -> None:
    uuid, address = "0190163d-8694-739b-aea5-966c26f8ad91", "2001:db8:1234:5678:9abc:def0:1234:5678"
    lines = shown(
        activities([an_activity(causer_type="user", causer_id=uuid, ip=ip_address(address), subject_type="orders", subject_id=uuid)]),
        width,
    )  # fmt: skip
    assert all("updated" not in line for line in lines[2:])
    columns = [lines[0].index(name) for name in ("who", "from", "action", "what")]
    who, where, what = (
        "".join(line[start:end].strip() for line in lines[1:])
        for start, end in ((columns[0], columns[1]), (columns[1], columns[2]), (columns[3], None))
    )
    assert (who, where, what) == (f"user{uuid}", address, f"orders:{uuid}")


def test_what_came_and_what_went_on_one_line() -> None:
    row = {"id": 1, "title": "Tea", "body": "x" * 200}
    created = an_activity(operation="I", action="created", snapshot=row)
    deleted = an_activity(operation="D", action="deleted", snapshot=row)
    _, _, plus, _, minus = shown(activities([created, deleted]))
    assert plus.startswith("    + id 1   title Tea   body xxx")
    assert (minus.strip()[0], minus[-1]) == ("-", "…")


def test_a_state_is_shown_whole() -> None:
    lines = shown(state({"title": "Tea", "body": "word " * 100, "none": None, "large": "z" * 5000}))
    assert " ".join(lines).count("word") == 100
    assert sum(line.count("z") for line in lines) == 1999


def test_json_keeps_every_digit_and_escapes_what_commands() -> None:
    assert (
        to_json({"n": Decimal("1.50"), "t": "a\x9b\u202e\x7fä🙂"})
        == '{"n": 1.50, "t": "a\\u009b\\u202e\\u007fä🙂"}'
    )
    assert to_json(datetime(2026, 11, 1, tzinfo=UTC)) == '"2026-11-01T00:00:00+00:00"'
    assert to_json("\U000e0001") == '"\\udb40\\udc01"'


def test_visible() -> None:
    assert visible("a\x1b[31m\n\u202eb") == "a\\x1b[31m\\n\\u202eb"
    family = "👨\u200d👩\u200d👧"
    assert visible(family) == family
