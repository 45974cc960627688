"""Recording whole rows: snapshot, and the baseline of an install."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import Command, Settings, called, say

if TYPE_CHECKING:
    from pgaudit_py import Audit, Baseline


@click.command(cls=Command, short_help="Record a record as it is now.")
@click.argument("table")
@click.argument("key")
@click.option("--label", help="A name to know the version by: before import.")
@click.option("--causer", help="Who does it, for the log.")
@click.pass_obj
def snapshot(settings: Settings, table: str, key: str, label: str | None, causer: str | None) -> None:
    """Record a record as it is now, whole, and print the version's id.

    `restore --version ID` goes back to it. Nothing of the record is changed, and doing it again only records it
    again: it does not ask.

    \b
    pgaudit-py snapshot posts 1 --label "before import"
    pgaudit-py snapshot links '["7", "de"]'
    """  # noqa: D301 - click wants the character, not its escape
    from pgaudit_py import set_actor
    from pgaudit_py.output import json_line
    from pgaudit_py.subjects import parse_key

    with settings.audit() as audit, audit.conn.transaction():
        subject_type = called(audit, table)
        set_actor(audit.conn, causer)
        version = audit.snapshot(subject_type, parse_key(key), label=label)
    if settings.as_json:
        json_line({"id": version})
    else:
        say(str(version))


def take_baseline(audit: Audit, table: str, *, again: bool = False) -> Baseline:
    """Record the state of a table's rows, with a bar on standard error where that is a terminal.

    Args:
        audit: over an idle connection.
        table: its name, or what its records are called.
        again: begin anew where it is done.
    """
    if not sys.stderr.isatty():
        return audit.baseline(table, again=again)
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from pgaudit_py.output import visible

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(visible(f"rows of {table}, estimated"), total=None)

        def show(read: int, estimated: int | None) -> None:
            bar.update(task, completed=read, total=None if estimated is None else max(estimated, read))

        return audit.baseline(table, progress=show, again=again)


COMMANDS = (snapshot,)
