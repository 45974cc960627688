"""Commands about tables: install, uninstall, migrate, demo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import click

from pgaudit_py.cli.common import Command, Settings, agree, audited, say
from pgaudit_py.cli.parameters import AnyTable, AuditedTable

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.migrate import MigrationPlan

_DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
_TABLES = "Name as in SQL; as often as you like."


@click.command(cls=Command)
@_DRY_RUN
@click.pass_obj
def migrate(settings: Settings, dry_run: bool) -> None:
    """Create the schema pgaudit_py, or bring it up to date.

    It only ever adds, and doing it again does nothing: it does not ask.
    """
    with settings.audit() as audit:
        done = _migration(audit) if dry_run else audit.migrate()
    if settings.as_json:
        _json(migrations=done.migrations, functions=done.functions)
    elif not done:
        say("schema pgaudit_py: up to date")
    else:
        say(f"schema pgaudit_py: {'would run' if dry_run else 'ran'} {_count(done)}")


def _migration(audit: Audit) -> MigrationPlan:
    """Say what `migrate` would run: all of it is rolled back."""
    with audit.conn.transaction(force_rollback=True):
        return audit.migrate(in_transaction=True)


def _count(plan: MigrationPlan) -> str:
    return f"{len(plan.migrations)} migrations and {len(plan.functions)} functions"


def _json(**record: object) -> None:
    from pgaudit_py.output import json_line

    json_line(record)


@click.command(cls=Command)
@click.option(
    "--table", "tables", type=AnyTable(), multiple=True, required=True, metavar="NAME", help=_TABLES
)
@click.option("--snapshots", type=click.Choice(["changes", "all"]),
              help="Keep what an update changed (at first), or the whole row as well.")  # fmt: skip
@click.option("--truncate-rows", type=click.IntRange(0, 2**31 - 1),
              help="Up to this many rows (at first 100000), a TRUNCATE is recorded row by row.")  # fmt: skip
@click.option("--sql", "show_sql", is_flag=True,
              help="Print the SQL of the tables' functions and triggers, and change nothing.")  # fmt: skip
@_DRY_RUN
@click.pass_obj
def install(
    settings: Settings,
    tables: tuple[str, ...],
    snapshots: Literal["changes", "all"] | None,
    truncate_rows: int | None,
    show_sql: bool,
    dry_run: bool,
) -> None:
    """Record every change of tables from now on.

    Creates the schema pgaudit_py where it is missing. Installing takes nothing away, doing it again brings the
    triggers up to date and leaves options as they are that are not given, and `uninstall` is its exact inverse: it does not ask. Each table is a transaction of its
    own: where one cannot be installed, those before it are.
    """
    names = dict.fromkeys(tables)
    with settings.audit() as audit:
        if show_sql:
            for table in names:
                _print_sql(audit.preview_install(table, snapshots=snapshots, truncate_rows=truncate_rows)[1])
            return
        if todo := _migration(audit) if dry_run else audit.migrate():
            say(
                f"schema pgaudit_py: {'would run' if dry_run else 'ran'} {_count(todo)}", err=settings.as_json
            )
        for table in names:
            done = (
                audit.preview_install(table, snapshots=snapshots, truncate_rows=truncate_rows)[0]
                if dry_run
                else audit.install(table, snapshots=snapshots, truncate_rows=truncate_rows)
            )
            if settings.as_json:
                _json(subject_type=done.subject_type, outcome=done.outcome, key=done.key)
            else:
                say(f"{done.subject_type}: {'would be ' if dry_run else ''}{done.outcome}")
            if not done.key:
                say(
                    f"{done.subject_type} has no primary key: its rows are recorded, but have no history",
                    err=True,
                )


def _print_sql(sql: str) -> None:
    """Print SQL for a file byte by byte; at a terminal, names in it cannot command it."""
    if sys.stdout.isatty():
        for line in sql.splitlines():
            say(line)
    else:
        click.echo(sql, nl=False)


@click.command(cls=Command)
@click.option("--table", "tables", type=AuditedTable(), multiple=True, metavar="NAME", help=_TABLES)
@click.option("--all", "every", is_flag=True, help="All tables.")
@click.option(
    "--drop-log", is_flag=True, help="With --all: remove the schema too, and all that was recorded."
)
@_DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def uninstall(
    settings: Settings, tables: tuple[str, ...], every: bool, drop_log: bool, dry_run: bool, yes: bool
) -> None:
    """Stop recording changes. What was recorded stays, unless --drop-log is given. Shows the plan first, and asks."""
    if bool(tables) == every:
        raise click.UsageError("Name tables by --table, or all of them by --all.")
    if drop_log and not every:
        raise click.UsageError("--drop-log goes with --all: the log is one for all tables.")
    with settings.audit() as audit:
        names = audited(audit, tables, every)
        for name in names:
            say(f"{name}: changes would no longer be recorded", err=settings.as_json)
        if drop_log:
            say(
                "schema pgaudit_py: would be removed, with everything that was recorded", err=settings.as_json
            )
        if dry_run or not (names or drop_log):
            return
        agree("Do it?", yes=yes)
        removed = audit.drop_schema() if drop_log else [audit.uninstall(name) for name in names]
    for name in removed:
        if settings.as_json:
            _json(subject_type=name, outcome="removed")
        else:
            say(f"{name}: removed")


@click.command(cls=Command, short_help="Show the main job on a PostgreSQL of its own.")
def demo() -> None:
    """Show the main job on a PostgreSQL of its own: nothing to set up, nothing left behind."""
    from pgaudit_py.demo import run

    run()


COMMANDS = (install, uninstall, migrate)
LAST = (demo,)
