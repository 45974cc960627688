"""Recording whole rows: snapshot, and the baseline of an install."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import Command, Settings, called
from pgaudit_py.cli.parameters import AuditedTable, Text

if TYPE_CHECKING:
    from pgaudit_py import Audit, Baseline


@click.command(cls=Command, short_help="Record a record as it is now.")
@click.argument("table", type=AuditedTable())
@click.argument("key")
@click.option("--label", help="A name to know the version by: before import.")
@click.option("--causer", type=Text(), help="Who does it, for the log.")
@click.pass_obj
def snapshot(settings: Settings, table: str, key: str, label: str | None, causer: str | None) -> None:
    """Record a record as it is now, whole, and print the version's id.

    `restore --version ID` goes back to it. Nothing of the record is changed, and doing it again only records it
    again: it does not ask. TABLE is what its records are called, or else its own name.

    \b
    pgaudit-py snapshot posts 1 --label "before import"
    pgaudit-py snapshot links '["7", "de"]'
    """  # noqa: D301 - click wants the character, not its escape
    from pgaudit_py import output, set_actor
    from pgaudit_py.subjects import parse_key

    with settings.audit() as audit, audit.conn.transaction():
        subject_type = called(audit, table)
        set_actor(audit.conn, causer)
        version = audit.snapshot(subject_type, parse_key(key), label=label)
    output.report(settings, [{"id": version}], lambda done: str(done["id"]), of=["id"])


def take_baseline(audit: Audit, table: str, *, again: bool = False) -> Baseline:
    """Record the state of a table's rows, with a bar on standard error where that is a terminal.

    Args:
        audit: over an idle connection.
        table: its name, or what its records are called.
        again: begin anew where it is done.
    """
    from pgaudit_py import output

    with output.progress(f"rows of {table}, estimated") as step:
        return audit.baseline(table, progress=step.reach, again=again)


COMMANDS = (snapshot,)
