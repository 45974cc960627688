"""The page that says what came out."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "mutants.md"

_HEAD = """# Would a test notice?

Each clause below guards what runs while the application writes. `python -m tests.mutation` (`make mutants`) takes them away one
by one, in a copy of the checkout, and runs the tests that should notice: one of them has to turn red. A test of each run of
the suite asserts that each clause is still there exactly once (`tests/unit/test_mutations.py`).

Last run on {date}, PostgreSQL {major}.

| what was taken away | the first test that noticed |
|---|---|
"""


def page(found: Mapping[str, str | None], names: Iterable[str]) -> str:
    """Write the page: what was found now, and of the others of these names what it says already."""
    major = os.environ.get("PGAUDIT_PY_TEST_MAJOR", "18")
    head = _HEAD.format(date=datetime.datetime.now(datetime.UTC).date(), major=major)
    rows = told() | {name: f"`{test}`" if test else "**none**" for name, test in found.items()}
    return head + "".join(f"| {name} | {rows[name]} |\n" for name in names if name in rows)


def told() -> dict[str, str]:
    """Read what the page says: the names of mutations, and what noticed them."""
    lines = PAGE.read_text(encoding="utf-8").splitlines() if PAGE.exists() else []
    rows = [line[2:-2].partition(" | ") for line in lines if line.startswith("| ")]
    return {name: test for name, _, test in rows[1:]}
