"""Commands that keep an install as it should be: status and sync."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import FOUND, Command, Settings, agree, say
from pgaudit_py.cli.installing import carry_out
from pgaudit_py.cli.parameters import AuditedTable
from pgaudit_py.cli.rehearsing import DRY_RUN, OWNER, SQL, Mode, count

if TYPE_CHECKING:
    from pgaudit_py import Audit, Candidate, Installed, TableStatus


@click.command(cls=Command)
@click.option("--all", "every", is_flag=True, help="Name the tables that are not audited, too.")
@click.pass_obj
def status(settings: Settings, every: bool) -> None:
    """Tell how the audited tables are, and what to do. Exits with 3 where one is not as it should be."""
    from pgaudit_py import TableStatus, output

    mode = Mode(settings)
    with settings.audit() as audit:
        pending = audit.plan_migration()
        found = [] if pending.migrations else audit.status()
        rest = [one for one in audit.find_tables() if not one.audited]
    behind = f"{count(pending)} behind; run `pgaudit-py migrate`"
    mode.say(f"schema pgaudit_py: {behind if pending else 'up to date'}")
    output.emit(settings, found, output.statuses, of=TableStatus)
    _say_rest(rest, every)
    if pending or any(finding.is_wrong for one in found for finding in one.findings):
        raise click.exceptions.Exit(FOUND)


def _say_rest(rest: Sequence[Candidate], every: bool) -> None:
    """Say which tables are not audited, or how many."""
    if every:
        for one in rest:
            say(f"not audited: {one.name}{f' ({one.why_not})' if one.why_not else ''}", err=True)
    elif rest:
        tables = "1 table" if len(rest) == 1 else f"{len(rest)} tables"
        say(f"not audited: {tables}; see `pgaudit-py status --all`", err=True)


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME", type=AuditedTable(),
              help="Only these, by name as in SQL or by what their records are called; as often as you like.")  # fmt: skip
@click.option("--check", is_flag=True, help="Only look; exits with 3 where there is something to do.")
@OWNER
@SQL
@DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def sync(
    settings: Settings, tables: tuple[str, ...], check: bool, owner: str | None, show_sql: bool, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Bring schema and triggers up to date, after an upgrade or an ALTER TABLE. Shows the plan first, and asks.

    Puts right whatever `status` finds, with the options that each table is installed with. A table that is gone is taken
    out of the book; what was recorded of it stays.
    """
    if check and show_sql:
        raise click.UsageError("--check only looks: leave out --sql.")
    mode = Mode(settings, dry_run or check, show_sql)
    with mode.audit() as audit:
        pending = audit.plan_migration()
        if pending:
            mode.say(f"schema pgaudit_py: {count(pending)} to run")
            agree("Do it?", yes=yes or mode.tries)
        if pending and not check:  # looking needs no right to do it
            audit.migrate(owner=owner)
        todo = [] if check and pending.migrations else _todo(audit, tables)
        for one in todo:
            for finding in one.findings:
                mode.say(f"{one.subject_type}: {finding.state}, {finding.detail}")
        if todo and not pending:  # else the answer was for all of it
            agree("Do it?", yes=yes or mode.tries)
        _, failed = ([], 0) if check else carry_out(mode, [_syncing(audit, one.subject_type) for one in todo])
    if not (todo or pending):
        mode.say("everything is as it should be")
    if failed or (check and (todo or pending)):
        raise click.exceptions.Exit(1 if failed else FOUND)


def _todo(audit: Audit, tables: Sequence[str]) -> list[TableStatus]:
    from pgaudit_py.status import needs_sync

    wanted = {audit.subject_type(table, strict=True) for table in tables}
    return [one for one in audit.status() if needs_sync(one) and (not wanted or one.subject_type in wanted)]


def _syncing(audit: Audit, subject_type: str) -> Callable[[], Installed]:
    return lambda: audit.sync(as_=subject_type)


COMMANDS = (status, sync)
