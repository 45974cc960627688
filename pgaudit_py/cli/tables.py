"""Commands about tables: install, uninstall, migrate, demo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import Command, Settings, agree, audited
from pgaudit_py.cli.explaining import explain
from pgaudit_py.cli.parameters import AuditedTable
from pgaudit_py.cli.rehearsing import DRY_RUN, OWNER, SQL, Mode, count

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.migrate import MigrationPlan

_TABLES = "Name as in SQL, or what its records are called; as often as you like."


@click.command(cls=Command)
@OWNER
@click.option("--event-trigger/--no-event-trigger", default=None,
              help="Record at once what is done to audited tables, or no longer. Takes a superuser.")  # fmt: skip
@SQL
@DRY_RUN
@click.pass_obj
def migrate(
    settings: Settings, owner: str | None, event_trigger: bool | None, show_sql: bool, dry_run: bool
) -> None:
    """Create the schema pgaudit_py, or bring it up to date.

    It only ever adds, and doing it again does nothing: it does not ask.
    """
    from pgaudit_py import output

    with Mode(settings, dry_run, show_sql).audit() as audit:
        done = audit.migrate(owner=owner, event_trigger=event_trigger)
    if show_sql:
        return
    output.report(settings, [asdict(done)], lambda _: _migrated(done, dry_run=dry_run), of=[*asdict(done)])


def _migrated(done: MigrationPlan, *, dry_run: bool) -> str:
    """Say what a migration did, or would do."""
    ran = bool(done.migrations or done.functions)
    what = f"{'would run' if dry_run else 'ran'} {count(done)}" if ran else "up to date"
    said = f"schema pgaudit_py: {what}"
    if done.event_trigger is None:
        return said
    return (
        f"{said}; event trigger {'would be ' if dry_run else ''}{'made' if done.event_trigger else 'removed'}"
    )


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME", type=AuditedTable(), help=_TABLES)
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
    mode = Mode(settings, dry_run, show_sql)
    with mode.audit() as audit:
        names = audited(audit, tables, every, strict=True)
        for name in names:
            mode.say(f"{name}: changes would no longer be recorded")
        if drop_log:
            mode.say("schema pgaudit_py: would be removed, with everything that was recorded")
        if not (names or drop_log):
            return
        agree("Do it?", yes=yes or mode.tries)
        failed = _remove(mode, audit, names, drop_log=drop_log)
    if failed:
        raise click.exceptions.Exit(1)


def _remove(mode: Mode, audit: Audit, names: Iterable[str], *, drop_log: bool) -> int:
    """Remove one after the other, or all at once, and say so of each as it is done; return how many failed."""
    from pgaudit_py.errors import PgAuditError

    failed = 0

    def removed() -> Iterator[dict[str, str]]:
        nonlocal failed
        for name in audit.drop_schema() if drop_log else names:
            try:
                done = name if drop_log else audit.uninstall(as_=name)
            except PgAuditError as error:
                explain(error)
                failed += 1
                continue
            yield {"subject_type": done, "outcome": "removed"}

    if mode.tries:
        list(removed())
    else:
        _print(mode.settings, removed())
    return failed


def _print(settings: Settings, records: Iterable[dict[str, str]]) -> None:
    from pgaudit_py import output

    output.report(
        settings,
        records,
        lambda one: f"{one['subject_type']}: {one['outcome']}",
        of=["subject_type", "outcome"],
    )


@click.command(cls=Command, short_help="Show the main job on a PostgreSQL of its own.")
def demo() -> None:
    """Show the main job on a PostgreSQL of its own: nothing to set up, nothing left behind."""
    from pgaudit_py.demo import run

    run()


COMMANDS = (uninstall, migrate)
LAST = (demo,)
