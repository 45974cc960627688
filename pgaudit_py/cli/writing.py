"""Commands that write: restore and log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from pgaudit_py.cli.common import Command, Settings, agree, called, say, subject_of
from pgaudit_py.cli.parameters import AuditedTable, Id, JsonObject, Subject, Text, Time
from pgaudit_py.cli.reading import of_record


@click.command(cls=Command, short_help="Give a record back, as it was at a time or a version.")
@click.argument("table", type=AuditedTable(), required=False)
@click.argument("key", required=False)
@click.option("--version", type=Id(),
              help="The activity to go back to; of a deletion, the row comes back.")  # fmt: skip
@click.option(
    "--at", type=Time(), help="Or a time: 2d, 3h, 15m ago, or ISO 8601 in this machine's time zone."
)
@click.option("--causer", type=Text(), help="Who restores it, for the log.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(
    settings: Settings, table: str | None, key: str | None, version: int | None, at: datetime | None,
    causer: str | None, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Give a record back: as it was at a time, or at a version. Shows the plan first, and asks.

    TABLE is what its records are called, or else its own name.

    \b
    pgaudit-py restore posts 1 --at 2h
    pgaudit-py restore posts 1 --version 123
    """  # noqa: D301 - click wants the character, not its escape
    from pgaudit_py import output, set_actor
    from pgaudit_py.subjects import parse_key

    if (version is None) == (at is None) or (table is None) != (key is None) or (at and table is None):
        raise click.UsageError("Give a table, a key, and --at TIME or --version ID.")
    with settings.audit() as audit:
        subject = None if table is None or key is None else (called(audit, table), parse_key(key))
        if version is not None and subject is not None:
            of_record(audit, *subject, f"{table}:{key}", version)
        plan = audit.plan_restore(version=version, subject=subject if at else None, at=at)
        output.emit(settings, [plan], lambda _: output.Plan(plan))
        if dry_run or plan.operation == "none":
            return
        agree("Do it?", yes=yes or plan.conflict is not None)  # what is refused needs no answer
        with audit.conn.transaction():
            set_actor(audit.conn, causer)
            done = audit.restore(plan)
    say(f"{output.restored(done)} is restored", err=settings.for_programs)
    if done.differs:
        say(f"a trigger of the table wrote otherwise: {', '.join(done.differs)}", err=True)


@click.command(cls=Command)
@click.argument("action", type=Text())
@click.option("--subject", type=Subject(), help='What it is about: posts:1, links:["7", "de"].')
@click.option("--metadata", type=JsonObject(), help="Anything else, as a JSON object.")
@click.option("--causer", type=Text(), help="Who did it.")
@click.pass_obj
def log(
    settings: Settings, action: str, subject: str | None, metadata: dict[str, Any] | None, causer: str | None
) -> None:
    """Record an event of the application's own, and print its id."""
    from pgaudit_py import output, set_actor

    with settings.audit() as audit, audit.conn.transaction():
        about = None if subject is None else subject_of(audit, subject, recorded=False)
        set_actor(audit.conn, causer)
        logged = audit.log(action, about, metadata=metadata)
    output.report(settings, [{"id": logged}], lambda record: str(record["id"]))


COMMANDS = (restore, log)
