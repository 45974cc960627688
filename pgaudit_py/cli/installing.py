"""Commands that install: install, status and sync."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pgaudit_py.cli.common import FOUND, Command, Settings, agree, say

if TYPE_CHECKING:
    from pgaudit_py import Audit, Candidate, Installed, TableStatus
    from pgaudit_py.migrate import MigrationPlan

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
SQL = click.option("--sql", "show_sql", is_flag=True,
                   help="Print the SQL of it, as a script for psql, and change nothing.")  # fmt: skip
OWNER = click.option("--owner", envvar="PGAUDIT_PY_OWNER", metavar="ROLE",
                     help="The role that the schema belongs to; made, without a login, where it is missing.")  # fmt: skip
_COLUMNS = ("exclude", "redact", "key")
_DEFAULTS: dict[str, object] = {
    "exclude": (), "redact": (), "snapshots": "changes", "context": "allow", "truncate_rows": 100_000,
}  # fmt: skip


@contextmanager
def rehearsing(audit: Audit, *, dry_run: bool, show_sql: bool) -> Iterator[None]:
    """Do what follows for real, or only try it; print its SQL at the end where that was asked for."""
    if not (dry_run or show_sql):
        yield
        return
    with audit.rehearsal() as rehearsal:
        yield
    if show_sql:
        _print_sql(rehearsal.sql or "-- there is nothing to do\n")


def _print_sql(sql: str) -> None:
    """Print SQL for a file byte by byte; at a terminal, names in it cannot command it."""
    if sys.stdout.isatty():
        for line in sql.splitlines():
            say(line)
    else:
        click.echo(sql, nl=False)


def _empty_is_none(_context: click.Context, _parameter: click.Parameter, value: Sequence[str]) -> object:
    """Read an option that may be repeated: not given stays None, one empty text is an empty list."""
    if not value:
        return None
    return () if tuple(value) == ("",) else tuple(value)


def _columns(option: str, text: str) -> Callable[[Any], Any]:
    return click.option(option, multiple=True, metavar="COLUMN", callback=_empty_is_none, help=text)


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME",
              help="Name as in SQL, or a pattern: 'shop.*'; as often as you like.")  # fmt: skip
@click.option("--schema", metavar="NAME", help="All tables of a schema.")
@click.option("--all", "every", is_flag=True, help="All tables of the database that can be audited.")
@click.option("--skip", multiple=True, metavar="PATTERN", help="But not these: 'tmp_*'.")
@click.option("--as", "as_", metavar="NAME", help="What the records are called, instead of the table's name.")
@_columns("--key", "Tell records apart by this column, instead of the primary key; again for several.")
@_columns("--exclude", "Never look at this column; again for several, '' for none.")
@_columns(
    "--redact", "Keep only that this column changed; settings.token for a part of a jsonb; '' for none."
)
@click.option("--snapshots", type=click.Choice(["changes", "all"]),
              help="Keep what an update changed (at first), or the whole row as well.")  # fmt: skip
@click.option("--context", type=click.Choice(["allow", "require"]),
              help="Record a write of an unknown causer (at first), or refuse it.")  # fmt: skip
@click.option("--truncate-rows", type=click.IntRange(0, 2**31 - 1),
              help="Up to this many rows (at first 100000), a TRUNCATE is recorded row by row.")  # fmt: skip
@click.option("--reset", is_flag=True, help="Options that are not given go back to what they are at first.")
@OWNER
@SQL
@DRY_RUN
@click.pass_obj
def install(
    settings: Settings, /, tables: tuple[str, ...], schema: str | None, every: bool, skip: tuple[str, ...],
    reset: bool, owner: str | None, show_sql: bool, dry_run: bool, **options: Any,
) -> None:  # fmt: skip
    """Record every change of tables from now on.

    Creates the schema pgaudit_py where it is missing. Installing takes nothing away, doing it again brings the
    triggers up to date and leaves options as they are that are not given, and `uninstall` is its exact inverse: it does
    not ask. Each table is a transaction of its own: where one cannot be installed, the others are.
    """
    if (bool(tables) + bool(schema) + every) != 1:
        raise click.UsageError("Name tables by --table, or take those of a --schema, or --all.")
    if reset:
        options = {
            name: value if value is not None else _DEFAULTS.get(name) for name, value in options.items()
        }
    would = dry_run or show_sql
    with settings.audit() as audit, rehearsing(audit, dry_run=dry_run, show_sql=show_sql):
        if todo := audit.migrate(owner=owner):
            say(
                f"schema pgaudit_py: {'would run' if would else 'ran'} {count(todo)}",
                err=settings.as_json or show_sql,
            )
        chosen = _choose(audit, tables, schema, every, skip, options)
        failed = [
            name
            for name, given in chosen.items()
            if not _install(settings, audit, name, given, show_sql, would)
        ]
    if failed:
        raise click.exceptions.Exit(1)


def count(plan: MigrationPlan) -> str:
    """Say how much a migration runs."""
    return f"{len(plan.migrations)} migrations and {len(plan.functions)} functions"


def _choose(
    audit: Audit,
    tables: Sequence[str],
    schema: str | None,
    every: bool,
    skip: Sequence[str],
    options: Mapping[str, Any],
) -> dict[str, Mapping[str, Any]]:
    """Say which tables are installed, and each one's options: of several tables, a column is meant where there is one."""
    from pgaudit_py.errors import TableNotFound

    named = {name: None for name in tables if not set(name) & set("*?")}
    patterns = [name for name in tables if name not in named]
    found: dict[str, Candidate] = {}
    if patterns or schema is not None or every:
        skipped = {one.name for one in audit.find_tables(*skip)} if skip else set()
        for one in audit.find_tables(*patterns, schema=schema):
            if one.name in skipped:
                continue
            if one.why_not:
                say(f"left out: {one.why_not}", err=True)
            else:
                found[one.name] = one
        if not found and not named:
            what = f"table matches {', '.join(map(repr, patterns))}" if patterns else "table can be audited"
            raise TableNotFound(f"no {what}", hint="See `pgaudit-py status --all` for what there is.")
    chosen = [*named, *found]
    if len(chosen) == 1 or not any(options.get(name) for name in _COLUMNS):
        return dict.fromkeys(chosen, options)
    return _share_out(audit, chosen, options)


def _share_out(
    audit: Audit, chosen: Sequence[str], options: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    """Give each of several tables the columns that it has.

    Raises:
        OptionError: a column is in none of them.
    """
    from pgaudit_py.errors import OptionError

    columns = {name: set(audit.columns(name)) for name in chosen}
    shared: dict[str, dict[str, Any]] = {name: dict(options) for name in chosen}
    for option in _COLUMNS:
        for column in options.get(option) or ():
            if not any(column in known or column.split(".")[0] in known for known in columns.values()):
                raise OptionError(
                    f"none of the tables has a column {column!r} to {option}", hint="Check its name."
                )
        for name, known in columns.items():
            fitting = [one for one in options.get(option) or () if one in known or one.split(".")[0] in known]
            complete = option != "key" or len(fitting) == len(options.get(option) or ())
            if options.get(option):
                shared[name][option] = fitting if fitting and complete else None
    return dict(shared)


def _install(
    settings: Settings, audit: Audit, name: str, given: Mapping[str, Any], show_sql: bool, would: bool
) -> bool:
    """Install a table, and say what came of it; whether it could be."""
    from pgaudit_py.errors import PgAuditError

    try:
        done = audit.install(name, **given)
    except PgAuditError as error:
        say(f"error: {error.message}", err=True)
        if error.hint:
            say(f"hint: {error.hint}", err=True)
        return False
    if not show_sql:
        _print_outcome(settings, done, would)
    if not done.key:
        say(f"{done.subject_type} has no primary key: its rows are recorded, but have no history", err=True)
    return True


def _print_outcome(settings: Settings, done: Installed, would: bool) -> None:
    from pgaudit_py.output import json_line

    if settings.as_json:
        json_line({"subject_type": done.subject_type, "outcome": done.outcome, "key": done.key})
    else:
        say(
            f"{done.subject_type}: {'would be ' if would and done.outcome != 'unchanged' else ''}{done.outcome}"
        )


@click.command(cls=Command)
@click.option("--all", "every", is_flag=True, help="Tables that are not audited, too.")
@click.pass_obj
def status(settings: Settings, every: bool) -> None:
    """Tell how the audited tables are, and what to do. Exits with 3 where one is not as it should be."""
    from pgaudit_py import output

    with settings.audit() as audit:
        pending = audit.plan_migration()
        found = audit.status() if not pending.migrations else []
        rest = [one for one in audit.find_tables() if not one.audited]
    if settings.as_json:
        for one in found:
            output.json_line(one)
    else:
        say(
            f"schema pgaudit_py: {f'{count(pending)} behind; run `pgaudit-py migrate`' if pending else 'up to date'}"
        )
        if found:
            output.console().print(output.statuses(found))
    _print_rest(rest, every)
    if pending or any(one.state not in {"installed", "limited"} for one in found):
        raise click.exceptions.Exit(FOUND)


def _print_rest(rest: Sequence[Candidate], every: bool) -> None:
    """Say which tables are not audited, or how many."""
    if every:
        for one in rest:
            say(f"not audited: {one.name}{f' ({one.why_not})' if one.why_not else ''}", err=True)
    elif rest:
        tables = "1 table" if len(rest) == 1 else f"{len(rest)} tables"
        say(f"not audited: {tables}; see `pgaudit-py status --all`", err=True)


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME", help="Only these; as often as you like.")
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
    would = dry_run or show_sql or check
    with settings.audit() as audit, rehearsing(audit, dry_run=dry_run, show_sql=show_sql):
        pending = audit.plan_migration()
        if pending:
            say(f"schema pgaudit_py: {count(pending)} to run", err=settings.as_json or show_sql)
            if not check:
                _go_on(yes or would)
                audit.migrate(owner=owner)
        todo = _todo(audit, tables) if not (check and pending.migrations) else []
        for one in todo:
            for finding in one.findings:
                say(
                    f"{one.subject_type}: {finding.state}, {finding.detail}", err=settings.as_json or show_sql
                )
        if check:
            raise click.exceptions.Exit(FOUND if pending or todo else 0)
        if todo and not pending:
            _go_on(yes or would)
        failed = [one for one in todo if not _sync(settings, audit, one, show_sql, would)]
    if failed:
        raise click.exceptions.Exit(1)
    if not (todo or pending):
        say("everything is as it should be", err=settings.as_json or show_sql)


def _go_on(agreed: bool) -> None:
    agree("Do it?", yes=agreed)


def _todo(audit: Audit, tables: Sequence[str]) -> list[TableStatus]:
    from pgaudit_py.status import mendable

    wanted = {audit.subject_type(table) for table in tables}
    return [one for one in audit.status() if mendable(one) and (not wanted or one.subject_type in wanted)]


def _sync(settings: Settings, audit: Audit, one: TableStatus, show_sql: bool, would: bool) -> bool:
    from pgaudit_py.errors import PgAuditError

    try:
        done = audit.sync(one.subject_type)
    except PgAuditError as error:
        say(f"error: {one.subject_type}: {error.message}", err=True)
        if error.hint:
            say(f"hint: {error.hint}", err=True)
        return False
    if not show_sql:
        _print_outcome(settings, done, would)
    return True


COMMANDS = (install, status, sync)
