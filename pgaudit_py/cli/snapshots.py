"""Recording whole rows: snapshot."""

from __future__ import annotations

import click

from pgaudit_py.cli.common import Command, Settings, called, say


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


COMMANDS = (snapshot,)
