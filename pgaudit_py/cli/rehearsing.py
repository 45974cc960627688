"""Doing something for real, or only trying it: --dry-run and --sql."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import Settings, say
from pgaudit_py.cli.parameters import Text

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.migrate import MigrationPlan

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
SQL = click.option("--sql", "show_sql", is_flag=True,
                   help="Print the SQL of it, as a script for psql, and change nothing.")  # fmt: skip
OWNER = click.option("--owner", metavar="ROLE", type=Text(), envvar="PGAUDIT_PY_OWNER", show_envvar=True,
                     help="Whose schema pgaudit_py is to be, where that is not you: made where it is missing.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mode:
    """How a command that writes goes about it."""

    settings: Settings
    dry_run: bool = False
    show_sql: bool = False

    @property
    def tries(self) -> bool:
        """Whether nothing is changed."""
        return self.dry_run or self.show_sql

    @contextmanager
    def audit(self) -> Iterator[Audit]:
        """Connect, and do what follows for real, or only try it; print its SQL at the end where that was asked for."""
        with self.settings.audit() as audit:
            if not self.tries:
                yield audit
                return
            with audit.rehearsal() as rehearsal:
                yield audit
        if self.show_sql:
            _print_sql(rehearsal.sql or "-- there is nothing to do\n")

    def say(self, words: str) -> None:
        """Say something to people: beside the output, where a program reads that."""
        say(words, err=self.settings.for_programs or self.show_sql)


def _print_sql(sql: str) -> None:
    """Print SQL for a file byte by byte; at a terminal, names in it cannot command it."""
    if sys.stdout.isatty():
        for line in sql.splitlines():
            say(line)
    else:
        click.echo(sql, nl=False)


def count(plan: MigrationPlan) -> str:
    """Say how much a migration runs."""
    return f"{len(plan.migrations)} migrations and {len(plan.functions)} functions"
