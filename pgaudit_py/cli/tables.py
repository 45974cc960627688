"""Commands about tables: install, uninstall, migrate, check, demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import FOUND, Command, Settings, agree, say
from pgaudit_py.cli.installing import DRY_RUN, OWNER, SQL, count, rehearsing

if TYPE_CHECKING:
    from pgaudit_py import Audit

_TABLES = "Name as in SQL; as often as you like."


@click.command(cls=Command)
@OWNER
@SQL
@DRY_RUN
@click.pass_obj
def migrate(settings: Settings, owner: str | None, show_sql: bool, dry_run: bool) -> None:
    """Create the schema pgaudit_py, or bring it up to date.

    It only ever adds, and doing it again does nothing: it does not ask.
    """
    with settings.audit() as audit, rehearsing(audit, dry_run=dry_run, show_sql=show_sql):
        done = audit.migrate(owner=owner)
    if show_sql:
        return
    if settings.as_json:
        _json(migrations=done.migrations, functions=done.functions)
    elif not done:
        say("schema pgaudit_py: up to date")
    else:
        say(f"schema pgaudit_py: {'would run' if dry_run else 'ran'} {count(done)}")


def _json(**record: object) -> None:
    from pgaudit_py.output import json_line

    json_line(record)


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME", help=_TABLES)
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.option(
    "--drop-log", is_flag=True, help="With --all: remove the schema too, and all that was recorded."
)
@SQL
@DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def uninstall(
    settings: Settings,
    tables: tuple[str, ...],
    every: bool,
    drop_log: bool,
    show_sql: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Stop recording changes. What was recorded stays, unless --drop-log is given. Shows the plan first, and asks."""
    if bool(tables) == every:
        raise click.UsageError("Name tables by --table, or all of them by --all.")
    if drop_log and not every:
        raise click.UsageError("--drop-log goes with --all: the log is one for all tables.")
    quiet = settings.as_json or show_sql
    with settings.audit() as audit, rehearsing(audit, dry_run=dry_run, show_sql=show_sql):
        names = _audited(audit, tables, every)
        for name in names:
            say(f"{name}: changes would no longer be recorded", err=quiet)
        if drop_log:
            say("schema pgaudit_py: would be removed, with everything that was recorded", err=quiet)
        if not (names or drop_log):
            return
        agree("Do it?", yes=yes or dry_run or show_sql)
        removed = audit.drop_schema() if drop_log else [audit.uninstall(name) for name in names]
    for name in [] if dry_run or show_sql else removed:
        if settings.as_json:
            _json(subject_type=name, outcome="removed")
        else:
            say(f"{name}: removed")


def _audited(audit: Audit, tables: Sequence[str], every: bool) -> list[str]:
    """Resolve names of audited tables, each once.

    Raises:
        TableNotFound, TableNotTracked: one of them is none.
    """
    return audit.tracked() if every else list(dict.fromkeys(audit.subject_type(table) for table in tables))


@click.command(cls=Command)
@click.argument("tables", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.pass_obj
def check(settings: Settings, tables: tuple[str, ...], every: bool) -> None:
    """Check that the log, folded, is the table. Exits with 3 where it is not."""
    from pgaudit_py.output import console, json_line, problems

    if bool(tables) == every:
        raise click.UsageError("Name tables, or give --all.")
    found = 0
    with settings.audit() as audit:
        for name in _audited(audit, tables, every):
            contradictions = audit.verify_table(name)
            found += len(contradictions)
            if settings.as_json:
                for problem in contradictions:
                    json_line(problem)
            elif contradictions:
                say(f"{name}: the log and the table differ")
                console().print(problems(contradictions))
            else:
                say(f"{name}: the log and the table tell the same")
    if found:
        raise click.exceptions.Exit(FOUND)


@click.command(cls=Command, short_help="Show the main job on a PostgreSQL of its own.")
def demo() -> None:
    """Show the main job on a PostgreSQL of its own: nothing to set up, nothing left behind."""
    from pgaudit_py.demo import run

    run()


COMMANDS = (uninstall, migrate, check)
LAST = (demo,)
