"""Take each clause away, in a copy of the checkout, and run the tests that should notice."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.mutation.mutations import MUTATIONS, Mutation
from tests.mutation.page import PAGE, page

ROOT = Path(__file__).parents[2]
PARTS = ("pgaudit_py", "sql", "templates", "tests", "pyproject.toml")
SECONDS = 180
"""For the tests of one mutation; over it they count as red, since they do not end."""


def mutated(text: str, mutation: Mutation) -> str:
    """Take the clause away.

    Raises:
        AssertionError: it is not there exactly once.
    """
    found = text.count(mutation.old)
    assert found == 1, f"{mutation.name}: what it takes away is {found} times in {mutation.file}"
    return text.replace(mutation.old, mutation.new)


def noticed_by(checkout: Path, mutation: Mutation) -> str | None:
    """Run the tests on a copy without the clause; give the first one that is red, None for none."""
    path = checkout / mutation.file
    before = path.read_text(encoding="utf-8")
    path.write_text(mutated(before, mutation), encoding="utf-8")
    try:
        return _first_red(checkout, mutation)
    finally:
        path.write_text(before, encoding="utf-8")


def place(name: str) -> str:
    """Say where tests are, as pytest is told."""
    file, *test = name.split("::")
    return "::".join([f"tests/integration/test_{file}.py", *test])


def _first_red(checkout: Path, mutation: Mutation) -> str | None:
    files = [place(name) for name in mutation.tests.split()]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", *files]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    try:
        done = subprocess.run(
            command,
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "no end in time"
    if done.returncode == 0:
        return None
    red = re.search(r"^(?:FAILED|ERROR) (\S+?\.py(?:::[^\s\[]+)?)", done.stdout, re.MULTILINE)
    assert red, f"{mutation.name}: the tests did not run\n{done.stdout}\n{done.stderr}"
    return red[1].removeprefix("tests/integration/")


def run(chosen: Iterable[Mutation]) -> dict[str, str | None]:
    """Run mutations one after another; say as it goes which of them nobody noticed."""
    found: dict[str, str | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder)
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, checkout / part)
        for mutation in chosen:
            began = time.monotonic()
            found[mutation.name] = noticed_by(checkout, mutation)
            said = found[mutation.name] or "NOBODY NOTICED"
            print(f"{time.monotonic() - began:5.0f} s  {mutation.name}: {said}", flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="only the mutations whose names have one of these in them")
    parser.add_argument(
        "--write",
        action="store_true",
        help=f"write {PAGE.name}: what came out; of those that are not run it stays as it is",
    )
    given = parser.parse_args()
    chosen = [one for one in MUTATIONS if not given.names or any(name in one.name for name in given.names)]
    found = run(chosen)
    if given.write:
        PAGE.write_text(page(found, [one.name for one in MUTATIONS]), encoding="utf-8")
    survivors = [name for name, test in found.items() if test is None]
    print(f"{len(found)} mutations, {len(survivors)} unnoticed")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
