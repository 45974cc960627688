"""A program: what is done, by which session, in which order; and its form as a script that people read and machines replay."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Do: TypeAlias = Literal[
    "sql",  # statements, as they are
    "guarded",  # the same; in a transaction within a savepoint, so that an error does not end it
    "copy",  # COPY … FROM STDIN, with its lines below it
    "begin",  # note: who is acting
    "commit",
    "rollback",
    "install",  # note: options as JSON; text: the table
    "sync",  # text: the table, in the session's transaction if it altered it; empty: all that drifted
    "baseline",  # text: what the table's records are called; note: "again" for every row
    "restore",  # text: what the records are called; note: which of its versions, as a fraction of them all
    "settle",  # every transaction that is open ends here, so that nobody is writing
]

OWNER = 0
"""The session that makes tables, installs, and looks."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that one session does."""

    session: int
    do: Do
    text: str = ""
    note: str = ""


Program: TypeAlias = tuple[Step, ...]

_HEADER = re.compile(r"^-- @(\d+) (\w+) ?(.*)$")


def written(program: Iterable[Step]) -> str:
    """Write a program as SQL, each step under a line that says whose it is: -- @2 begin alice."""
    parts = []
    for step in program:
        header = f"-- @{step.session} {step.do} {step.note}".rstrip()
        plain = step.do in {"sql", "guarded", "copy", "begin", "commit", "rollback"}
        text = step.text if plain else step.text and f"--   {step.text}"
        parts.append(f"{header}\n{text}".rstrip("\n") + "\n")
    return "\n".join(parts)


def read(script: str) -> Program:
    """Read what `written` wrote."""
    steps: list[Step] = []
    lines: list[str] = []

    def end() -> None:
        if steps:
            text = re.sub(r"\A--   ", "", "\n".join(lines).rstrip("\n"))
            last = steps[-1]
            steps[-1] = Step(last.session, last.do, text, last.note)
        lines.clear()

    for line in script.splitlines():
        if found := _HEADER.match(line):
            end()
            session, do, note = found.groups()
            assert do in get_args(Do), f"{do} is nothing that a program does"
            steps.append(Step(int(session), do, "", note))  # type: ignore[arg-type]  # looked at above
        else:
            lines.append(line)
    end()
    return tuple(steps)
