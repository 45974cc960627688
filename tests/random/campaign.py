"""Programs one after another, until one fails or the time is over; one that fails is made small, and written down."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator

from tests.random.comparison import Clones, failure
from tests.random.generator import generate
from tests.random.program import Program, written
from tests.random.schema import PREPARATION
from tests.random.shrinker import shrink

SHRINKING = 300.0
"""Seconds to make a program smaller in, at most."""


def fresh_seeds() -> Iterator[int]:
    while True:
        yield secrets.randbelow(2**31)


def report(clones: Clones, seed: int, server_major: int) -> str | None:
    """Run the program of a seed; of one that fails give what is wrong and a small program, else None."""
    program = generate(seed, server_major)
    found = reproduced(clones, program)
    if found is None:
        return None
    end = time.monotonic() + SHRINKING
    small = shrink(
        program, lambda some: time.monotonic() < end and _alike(reproduced(clones, some, 1), found)
    )
    return (
        f"seed {seed}: {found}\n\nOf {len(program)} steps these {len(small)} are left; replay them with "
        f"python -m tests.random --replay FILE\n\n{before()}\n\n{written(small)}"
    )


def before() -> str:
    """What is there before a program, as SQL: for people who replay it by hand."""
    return "\n".join(f"{statement};" for statement in PREPARATION)


def reproduced(clones: Clones, program: Program, times: int = 3) -> str | None:
    """Run a program, and again where it fails; give what is wrong if it is wrong each time.

    Who comes first of two sessions that were woken at once is decided by the machine.
    """
    found = failure(clones, program)
    for _ in range(times - 1):
        if found is None:
            return None
        found = failure(clones, program)
    return found


def _alike(one: str | None, other: str) -> bool:
    """Whether two failures are of one kind: what they say before the first value is the same."""
    return one is not None and _kind(one) == _kind(other)


def _kind(found: str) -> str:
    return re.sub(r"[^a-z]+", " ", found[:60].split("'", maxsplit=1)[0])[:24]
