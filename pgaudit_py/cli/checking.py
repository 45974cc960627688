"""The command check: whether the log, folded, is the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from pgaudit_py.cli.common import FOUND, Command, Settings, audited, say
from pgaudit_py.cli.parameters import AuditedTable

if TYPE_CHECKING:
    from pgaudit_py import Audit, Problem

_FIELDS = ["subject_type", "problem", "subject_id", "activity_id", "field", "expected", "found_value"]


@click.command(cls=Command)
@click.argument("tables", nargs=-1, type=AuditedTable())
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.pass_obj
def check(settings: Settings, tables: tuple[str, ...], every: bool) -> None:
    """Check that the log, folded, is the table. Exits with 3 where it is not.

    TABLES are what their records are called, or else their own names.
    """
    if bool(tables) == every:
        raise click.UsageError("Name tables, or give --all.")
    with settings.audit() as audit:
        names = audited(audit, tables, every)
        found = (
            _tell_programs(settings, audit, names) if settings.for_programs else _tell(settings, audit, names)
        )
    if found:
        raise click.exceptions.Exit(FOUND)


def _tell(settings: Settings, audit: Audit, names: Sequence[str]) -> int:
    """Say of each table what was found, as soon as it is; return how much."""
    from pgaudit_py import output

    found = 0
    with output.progress("checking", len(names)) as step:
        for name in names:
            problems = audit.verify_table(name)
            found += len(problems)
            with step.aside():
                say(f"{name}: the log and the table {'differ' if problems else 'tell the same'}")
                output.emit(settings, problems, output.problems)
            step()
    return found


def _tell_programs(settings: Settings, audit: Audit, names: Sequence[str]) -> int:
    """Print every contradiction, with the table it is about; return how many there are."""
    from pgaudit_py import output

    found: list[Problem] = []

    def records() -> Iterator[dict[str, Any]]:
        with output.progress("checking", len(names)) as step:
            for name in names:
                problems = audit.verify_table(name)
                found.extend(problems)
                with step.aside():
                    for problem in problems:
                        fields = {field: getattr(problem, field) for field in _FIELDS[1:]}
                        yield {"subject_type": name, **fields}
                step()

    output.report(settings, records(), str, of=_FIELDS)
    return len(found)


COMMANDS = (check,)
