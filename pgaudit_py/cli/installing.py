"""The command install."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from pgaudit_py.cli.choosing import COLUMNS, Choice, share_out
from pgaudit_py.cli.common import Command, Settings, say
from pgaudit_py.cli.explaining import explain
from pgaudit_py.cli.parameters import AnyTable, Text
from pgaudit_py.cli.rehearsing import DRY_RUN, OWNER, SQL, Mode, count
from pgaudit_py.cli.snapshots import take_baseline

if TYPE_CHECKING:
    from pgaudit_py import Audit, Installed

_DEFAULTS: dict[str, object] = {
    "exclude": (), "redact": (), "snapshots": "changes", "context": "allow", "truncate_rows": 100_000, "value_limit": 8 * 2**20,
}  # fmt: skip
OUTCOME = ("subject_type", "outcome", "key")


def _empty_is_none(_context: click.Context, _parameter: click.Parameter, value: Sequence[str]) -> object:
    """Read an option that may be repeated: not given stays None, one empty text is an empty list."""
    if not value:
        return None
    return () if tuple(value) == ("",) else tuple(value)


def _columns(option: str, text: str) -> Callable[[Any], Any]:
    return click.option(option, multiple=True, metavar="COLUMN", callback=_empty_is_none, help=text)


@click.command(cls=Command)
@click.option("--table", "tables", multiple=True, metavar="NAME", type=AnyTable(),
              help="Name as in SQL, or a pattern: 'shop.*'; as often as you like.")  # fmt: skip
@click.option("--schema", metavar="NAME", type=Text(), help="All tables of a schema.")
@click.option("--all", "every", is_flag=True, help="All tables of the database that can be audited.")
@click.option("--skip", multiple=True, metavar="PATTERN", type=Text(), help="But not these: 'tmp_*'.")
@click.option(
    "--as",
    "as_",
    metavar="NAME",
    type=Text(),
    help="What the records are called, instead of the table's name.",
)
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
@click.option("--value-limit", type=click.IntRange(10_000, 2**28 - 1), metavar="BYTES",
              help="Up to this many bytes (at first 8388608), a value is kept; of a larger one, its length and SHA-256.")  # fmt: skip
@click.option("--baseline", is_flag=True,
              help="Then record the rows that are there, in batches between which writers go on.")  # fmt: skip
@click.option("--reset", is_flag=True, help="Options that are not given go back to what they are at first.")
@OWNER
@SQL
@DRY_RUN
@click.pass_obj
def install(
    settings: Settings, /, tables: tuple[str, ...], schema: str | None, every: bool, skip: tuple[str, ...],
    baseline: bool, reset: bool, owner: str | None, show_sql: bool, dry_run: bool, **options: Any,
) -> None:  # fmt: skip
    """Record every change of tables from now on.

    Creates the schema pgaudit_py where it is missing. Installing takes nothing away, doing it again brings the
    triggers up to date and leaves options as they are that are not given, and `uninstall` is its exact inverse: it does
    not ask. Each table is a transaction of its own: where one cannot be installed, the others are.
    """
    choice = Choice(tables, schema, every, skip)
    mode = Mode(settings, dry_run, show_sql)
    if reset:
        options = {name: _DEFAULTS.get(name) if value is None else value for name, value in options.items()}
    with mode.audit() as audit:
        if todo := audit.migrate(owner=owner):
            mode.say(f"schema pgaudit_py: {'would run' if mode.tries else 'ran'} {count(todo)}")
        names = choice.find(audit)
        done, failed = carry_out(mode, _installs(audit, names, options))
        if baseline and mode.tries:
            mode.say("the baseline is taken by install itself, not by a script: it takes many transactions")
        elif baseline:
            failed += _take_baselines(mode, audit, done)
    if failed:
        raise click.exceptions.Exit(1)


def _installs(
    audit: Audit, names: Sequence[str], options: Mapping[str, Any]
) -> list[Callable[[], Installed]]:
    """Prepare the install of each table; what is wrong with an option is said before the first one."""
    if (
        options["as_"] is not None and len(names) > 1
    ):  # the first would begin another history, the second fail
        raise click.UsageError(f"--as names the records of one table, and these are {len(names)}.")
    each = dict.fromkeys(names, options)
    if len(names) > 1 and any(options[option] for option in COLUMNS):
        each = {**share_out({name: audit.columns(name) for name in names}, options)}

    def prepared(name: str, given: Mapping[str, Any]) -> Callable[[], Installed]:
        return lambda: audit.install(name, **given)

    return [prepared(name, given) for name, given in each.items()]


def _take_baselines(mode: Mode, audit: Audit, installed: Sequence[Installed]) -> int:
    """Record the rows of each table, and say how many; return how many tables failed."""
    from pgaudit_py.errors import PgAuditError

    failed = 0
    for one in installed:
        try:
            taken = take_baseline(audit, one.subject_type)
        except PgAuditError as error:
            explain(error)
            failed += 1
        else:
            rows = "1 row" if taken.rows == 1 else f"{taken.rows} rows"
            mode.say(f"{one.subject_type}: baseline {taken.outcome}, {rows} recorded")
    return failed


def carry_out(mode: Mode, todo: Sequence[Callable[[], Installed]]) -> tuple[list[Installed], int]:
    """Do one thing after the other, and say what came of each; return what was done, and how many failed."""
    from pgaudit_py import output
    from pgaudit_py.errors import PgAuditError

    failed, all_done = 0, []

    def outcomes() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for work in todo:
            try:
                done = work()
            except PgAuditError as error:
                explain(error)
                failed += 1
                continue
            all_done.append(done)
            yield {name: getattr(done, name) for name in OUTCOME}
            if not done.key and done.outcome != "forgotten":
                say(f"{done.subject_type} has no key: its rows are recorded, but have no history", err=True)

    if mode.show_sql:
        list(outcomes())
    else:
        output.report(mode.settings, outcomes(), lambda done: _line(mode, done), of=OUTCOME)
    return all_done, failed


def _line(mode: Mode, done: Mapping[str, Any]) -> str:
    would = mode.tries and done["outcome"] != "unchanged"
    return f"{done['subject_type']}: {'would be ' if would else ''}{done['outcome']}"


COMMANDS = (install,)
