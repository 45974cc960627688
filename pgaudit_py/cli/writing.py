"""Commands that write: restore and log."""

from __future__ import annotations

import json
from datetime import datetime

import click

from pgaudit_py.cli.common import Settings, Time, agree


@click.command()
@click.argument("table", required=False)
@click.argument("key", required=False)
@click.option("--version", type=int, help="The activity to go back to; of a deletion, the row comes back.")
@click.option(
    "--at", type=Time(), help="Or a time: 2d, 3h, 15m ago, or ISO 8601 in this machine's time zone."
)
@click.option("--causer", help="Who restores it, for the log.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(
    settings: Settings, table: str | None, key: str | None, version: int | None, at: datetime | None,
    causer: str | None, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Give a record back: restore posts 1 --at 2h, or restore --version 123."""
    from pgaudit_py import output, set_actor
    from pgaudit_py.subjects import parse_key

    if (version is None) == (at is None) or (at and not (table and key)):
        raise click.UsageError("Give --version ID, or a table, a key and --at TIME.")
    with settings.audit() as audit:
        subject = (table, parse_key(key)) if at and table and key else None
        plan = audit.plan_restore(version=version, subject=subject, at=at)
        output.console().print(output.plan(plan))
        if dry_run or plan.operation == "none":
            return
        agree("Do it?", yes=yes)
        with audit.conn.transaction():
            set_actor(audit.conn, causer)
            done = audit.restore(plan)
    click.echo("restored")
    if done.differs:
        click.echo(f"a trigger of the table wrote otherwise: {', '.join(done.differs)}", err=True)


@click.command()
@click.argument("action")
@click.option("--subject", help='What it is about: posts:1, links:["7", "de"].')
@click.option("--metadata", help="Anything else, as a JSON object.")
@click.option("--causer", help="Who did it.")
@click.pass_obj
def log(
    settings: Settings, action: str, subject: str | None, metadata: str | None, causer: str | None
) -> None:
    """Record an event of the application's own."""
    from pgaudit_py import set_actor
    from pgaudit_py.subjects import parse_subject

    try:
        said = json.loads(metadata) if metadata else None
    except ValueError:
        raise click.UsageError('Write the metadata as a JSON object: {"channel": "rss"}.') from None
    with settings.audit() as audit, audit.conn.transaction():
        set_actor(audit.conn, causer)
        logged = audit.log(action, parse_subject(subject) if subject else None, metadata=said)
    click.echo(logged)


COMMANDS = (restore, log)
