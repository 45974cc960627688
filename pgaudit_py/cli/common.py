"""What the commands share: settings, the connection, and asking before something is written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.subjects import Key

HELP = {"help_option_names": ["-h", "--help"]}
FOUND = 3
"""Exit code of a command that looked for something wrong and found it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of `pgaudit-py` itself."""

    dsn: str | None = None
    output: str = "table"
    color: str = "auto"
    pager: bool = True

    @property
    def as_json(self) -> bool:
        """Whether JSON is wanted."""
        return self.output == "json"

    @property
    def for_programs(self) -> bool:
        """Whether a program reads what is printed: words for people belong on standard error then."""
        return self.output != "table"

    @contextmanager
    def audit(self) -> Iterator[Audit]:
        """Connect, in autocommit mode."""
        from pgaudit_py import Audit
        from pgaudit_py.connect import choose_dsn, connect

        with connect(choose_dsn(self.dsn, os.environ), autocommit=True) as conn:
            yield Audit(conn)


def _keep_dsn(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value == "":  # a variable that is not set must not lead to another database
        raise click.UsageError("--dsn is empty. Name a database, or leave --dsn out.", context)
    _keep(context, parameter, value)


def _keep(context: click.Context, parameter: click.Parameter, value: str | bool | None) -> None:
    given = {} if value is None else {str(parameter.name): value}
    context.obj = replace(context.obj or Settings(), **given)


def general_options() -> list[click.Parameter]:
    """Make the options that may stand before a command's name as well as after it."""
    return [
        click.Option(
            ["--dsn"], callback=_keep_dsn, expose_value=False, metavar="DSN",
            help="The database; else PGAUDIT_PY_DSN, DATABASE_URL, the PG* variables or a service file.",
        ),
        click.Option(
            ["-o", "--output"], callback=_keep, expose_value=False, type=click.Choice(["table", "json", "csv"]),
            help="Tables for people (the default); JSON or CSV for pipes, one line a record.",
        ),
        click.Option(
            ["--color"], callback=_keep, expose_value=False, type=click.Choice(["auto", "always", "never"]),
            help="Colours: at a terminal only (the default, which NO_COLOR and FORCE_COLOR change), always or never.",
        ),
        click.Option(
            ["--pager/--no-pager"], callback=_keep, expose_value=False, default=None,
            help="At a terminal, show what is longer than the screen through PAGER (the default), or just print it.",
        ),
    ]  # fmt: skip


class Command(click.Command):
    """A command that knows the general options, and takes each option with a value once, unless it says otherwise."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Said here too, not only for the group: click keeps the first help option that it makes of a command.
        super().__init__(*arguments, **{"context_settings": HELP, **options})
        self.params += general_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option that is given twice: of two values, one would be ignored in silence."""
        if not ctx.resilient_parsing:
            _, _, given = self.make_parser(ctx).parse_args(list(args))
            for option in given:
                single = isinstance(option, click.Option) and not (option.multiple or option.is_flag)
                if single and given.count(option) > 1:
                    raise click.UsageError(f"{option.opts[-1]} is given twice.", ctx)
        return super().parse_args(ctx, args)


def agree(question: str, *, yes: bool) -> None:
    """Ask before something is written.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: Ctrl-C or Ctrl-D.
        click.exceptions.Exit: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask. Add --yes to do it, or --dry-run to look only.")
    try:
        answer = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)  # the cursor is behind the question
        raise
    if not answer:
        say("nothing was done", err=True)
        raise click.exceptions.Exit(1)


def say(words: str, *, err: bool = False) -> None:
    """Print a line; names in it cannot command the terminal."""
    from pgaudit_py.output import visible

    click.echo(visible(words), err=err)


def called(audit: Audit, table: str) -> str:
    """Return what the records of a table are called: by its own name, or by theirs where it is no longer audited.

    Raises:
        TableNotTracked: the log knows nothing under this name.
    """
    from pgaudit_py.errors import TableNotFound, TableNotTracked

    try:
        return audit.subject_type(table)
    except (TableNotFound, TableNotTracked) as error:
        if table and audit.activity(subject=table, limit=1):
            return table
        audited = ", ".join(audit.tracked())
        raise type(error)(
            f"nothing was recorded of a table {table!r}",
            hint=f"Audited are: {audited}." if audited else "Begin with `pgaudit-py install --table NAME`.",
        ) from None


def audited(audit: Audit, tables: Sequence[str], every: bool, *, strict: bool = False) -> list[str]:
    """Resolve names of audited tables, each once.

    Args:
        audit: where to look.
        tables: as they were named.
        every: take all of them.
        strict: refuse a name that means two tables, since what follows takes something away; else that in the log goes first.

    Raises:
        TableNotFound, TableNotTracked: one of them is none.
        OptionError: one means two.
    """
    if every:
        return audit.tracked()
    return list(dict.fromkeys(audit.subject_type(table, strict=strict) for table in tables))


def subject_of(audit: Audit, text: str, *, recorded: bool = True) -> tuple[str, Key] | str:
    """Read a subject as people type it: posts, posts:1, posts:["7", "de"]; a table's name may hold a colon itself.

    Args:
        audit: where to look for the table.
        text: what was typed.
        recorded: refuse what the log does not know.

    Raises:
        TableNotTracked: the log knows nothing under this name.
    """
    from pgaudit_py.subjects import parse_key, parse_subject

    fitting = [name for name in audit.tracked() if text == name or text.startswith(f"{name}:")]
    if fitting:
        name = max(fitting, key=len)
        return name if text == name else (name, parse_key(text[len(name) + 1 :]))
    subject = parse_subject(text)
    name = subject if isinstance(subject, str) else subject[0]
    if not name:
        raise click.UsageError("A subject begins with a name: posts, or posts:1.")
    name = called(audit, name) if recorded else name
    return name if isinstance(subject, str) else (name, subject[1])
