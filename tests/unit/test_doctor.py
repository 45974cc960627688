"""What is said of a server, of a connection and of a schema, decided without a database; and figures for people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pgaudit_py import Finding, LogFigures
from pgaudit_py._version import __version__
from pgaudit_py.doctor import TESTED, diagnose, judge_schema, judge_server, judge_way
from pgaudit_py.driving import Link
from pgaudit_py.migrate import Applied, MigrationPlan
from pgaudit_py.output import console, figures
from pgaudit_py.output.measuring import in_bytes

FILE = "functions/x.sql"


@pytest.mark.parametrize("major", TESTED)
def test_servers_that_are_known(major: int) -> None:
    assert list(judge_server(major)) == []


def test_a_server_that_is_too_old_is_not_looked_at() -> None:
    with pytest.raises(StopIteration) as done:
        next(diagnose(Link(14, 1, prepares=False)))
    (one,) = done.value.value
    assert (one.state, one.about, one.fix) == ("wrong", "PostgreSQL 14", "Upgrade the server.")


def test_a_server_that_is_newer_than_the_library() -> None:
    (one,) = judge_server(TESTED.stop)
    assert (one.state, one.is_wrong) == ("note", False)


@pytest.mark.parametrize(
    ("pid", "prepares", "notes"), [(7, True, 0), (7, False, 0), (8, False, 1), (8, True, 2)]
)
def test_the_way_to_the_server(pid: int, prepares: bool, notes: int) -> None:
    found = list(judge_way(Link(18, pid, prepares), 7))
    assert [one.state for one in found] == ["note"] * notes


def judged(todo: MigrationPlan, x: Applied | None = None) -> list[tuple[str, str]]:
    found = list(judge_schema(todo, {} if x is None else {FILE: x}))
    assert {one.state for one in found} <= {"wrong"}
    return [(one.about, one.detail) for one in found]


def test_a_schema_that_is_as_it_should_be() -> None:
    assert judged(MigrationPlan((), ()), x=Applied("a", False, __version__)) == []


def test_a_schema_that_is_behind() -> None:
    assert judged(MigrationPlan(("migrations/1.sql",), (FILE,))) == [
        ("pgaudit_py", "it is 2 files behind this library")
    ]
    old = Applied("old", False, "0.1.0")
    assert judged(MigrationPlan((), (FILE,)), x=old) == [("pgaudit_py", "it is 1 file behind this library")]


def test_a_schema_of_a_newer_library_is_not_taken_back() -> None:
    newer = Applied("new", False, "99.10.0")
    ((about, detail),) = judged(MigrationPlan((), (FILE,)), x=newer)
    assert (about, detail) == ("pgaudit_py", f"pgaudit-py 99.10.0 made it, and this is {__version__}")


def test_a_function_that_was_changed_is_told_by_the_database_unless_it_is_gone() -> None:
    edited = Applied("a", False, __version__, intact=False)
    assert judged(MigrationPlan((), (FILE,)), x=edited) == []
    gone = Applied("a", False, __version__, intact=False, missing=True)
    assert judged(MigrationPlan((), (FILE,)), x=gone) == [("pgaudit_py.x", "it is gone")]


def test_what_is_wrong() -> None:
    assert {state: Finding(state, "", "").is_wrong for state in ("wrong", "drifted", "limited", "note")} == {
        "wrong": True, "drifted": True, "limited": False, "note": False,
    }  # fmt: skip


def shown(log: LogFigures, *roles: tuple[str, str]) -> list[str]:
    paper = console()
    with paper.capture() as capture:
        paper.print(figures(log, ["posts", "people"], roles, "a, b"))
    return capture.get().splitlines()


def test_figures_for_people() -> None:
    at = datetime(2026, 11, 25, 12, tzinfo=UTC)
    lines = shown(
        LogFigures("me", 1_234_567, 3 * 1024**3, at, at, 86_400, 210_000_000, 4, at), ("web", "app")
    )
    assert lines[:3] == [
        "tables      2",
        "log         about 1,234,567 rows, 3.0 GB",
        "a day       86,400 rows, about 200.3 MB",
    ]
    assert lines[3].startswith("recorded    2026-11-25 ")
    assert lines[4].startswith("partitions  4, until 2026-11-25 ")
    assert lines[5] == "roles       me (owner), web (app)"


def test_figures_of_an_empty_log() -> None:
    assert shown(LogFigures("me", None, 900, None, None, 0, None, 0, None)) == [
        "tables      2", "log         rows not counted yet, 900 bytes", "a day       0 rows", "recorded    nothing yet",
        "partitions  none", "roles       me (owner)", "versions    a, b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1.0 kB"),
        (5 * 1024**4, "5.0 TB"),
        (5000 * 1024**4, "5,000.0 TB"),
    ],
)
def test_sizes(number: int, text: str) -> None:
    assert in_bytes(number) == text
