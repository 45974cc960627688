"""Make a program that fails smaller: leave out what it also fails without."""

from __future__ import annotations

from collections.abc import Callable

from tests.random.program import Program

Fails = Callable[[Program], bool]


def shrink(program: Program, fails: Fails) -> Program:
    """Leave out steps, many at once and then fewer, until none can go: delta debugging.

    Args:
        program: one that fails.
        fails: runs a program anew, and tells whether it still does.
    """
    size = len(program)
    while size > 0:
        smaller = _without_some(program, size, fails)
        if smaller == program:
            size //= 2
        program, size = smaller, min(size, len(smaller))
    return program


def _without_some(program: Program, size: int, fails: Fails) -> Program:
    """Try to leave out each run of so many steps; from the end, where what depends on the others is."""
    for start in range(len(program) - size, -size, -size):
        smaller = program[: max(start, 0)] + program[start + size :]
        if smaller and fails(smaller):
            program = smaller
    return program
