"""Commands that read the log."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from pgaudit_py.cli.common import Settings, Time


def _json_object(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> dict[str, Any] | None:
    if value is None:
        return None
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise click.BadParameter('write a JSON object: {"route": "/posts"}')
    return found


@click.command()
@click.option("--subject", help='A table or a record: posts, posts:1, links:["7", "de"].')
@click.option("--causer", help="Who.")
@click.option("--causer-type", help="What kind of causer.")
@click.option("--action", help="created, updated, deleted, restored, …")
@click.option("--field", help="A column that changed.")
@click.option("--transaction", "transaction_id", type=int, help="All of one transaction.")
@click.option("--request", "request_id", help="All of one request.")
@click.option("--since", type=Time(), help="From: 2d, 3h, 15m ago, or ISO 8601 in this machine's time zone.")
@click.option("--until", type=Time(), help="To, written alike.")
@click.option("--metadata", callback=_json_object, help="What the metadata contains, as a JSON object.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--before", type=int, help="Only activities with a smaller id: the next page.")
@click.pass_obj
def activity(settings: Settings, /, subject: str | None, **filters: Any) -> None:
    """Search the log, newest first."""
    from pgaudit_py.output import activities, console, json_line
    from pgaudit_py.subjects import parse_subject

    with settings.audit() as audit:
        page = audit.activity(subject=parse_subject(subject) if subject else None, **filters)
    if settings.output == "json":
        for one in page:
            json_line(one)
        return
    console().print(activities(page))
    if page.next:
        click.echo(f"more: --before {page.next}", err=True)


@click.command()
@click.argument("table")
@click.argument("key")
@click.pass_obj
def history(settings: Settings, table: str, key: str) -> None:
    """Tell what happened to a record, oldest first."""
    from pgaudit_py import output
    from pgaudit_py.subjects import parse_key

    with settings.audit() as audit:
        entries = audit.history(table, parse_key(key))
    if settings.output == "json":
        for one in entries:
            output.json_line(one)
    else:
        output.console().print(output.history(entries))


@click.command()
@click.argument("table")
@click.argument("key")
@click.pass_obj
def versions(settings: Settings, table: str, key: str) -> None:
    """List the states of a record that can be asked for, oldest first."""
    from pgaudit_py import output
    from pgaudit_py.subjects import parse_key

    with settings.audit() as audit:
        found = audit.versions(table, parse_key(key))
    if settings.output == "json":
        for one in found:
            output.json_line(one)
        return
    rows = (
        (v.id, output.when(v.created_at), v.action, v.causer_id, "stored" if v.stored else "rebuilt")
        for v in found
    )
    output.console().print(output.table(["id", "when", "action", "who", "state"], rows))


@click.command()
@click.argument("version_id", type=int, metavar="ID")
@click.pass_obj
def show(settings: Settings, version_id: int) -> None:
    """Show a record as it was after an activity."""
    with settings.audit() as audit:
        _print_state(settings, audit.version(version_id))


@click.command("as-of")
@click.argument("table")
@click.argument("key")
@click.option(
    "--at", type=Time(), required=True, help="2d, 3h, 15m ago, or ISO 8601 in this machine's time zone."
)
@click.pass_obj
def as_of(settings: Settings, table: str, key: str, at: datetime) -> None:
    """Show a record as it was at a time."""
    from pgaudit_py.subjects import parse_key

    with settings.audit() as audit:
        state = audit.record_at(table, parse_key(key), at=at)
    if state is None and settings.output == "table":
        click.echo("there was no such record then")
    else:
        _print_state(settings, state)


def _print_state(settings: Settings, state: Any) -> None:
    from pgaudit_py import output

    if settings.output == "json":
        output.json_line(state)
    else:
        output.console().print(output.state(state))


@click.command()
@click.argument("from_version", type=int, metavar="FROM")
@click.argument("to_version", type=int, metavar="TO")
@click.pass_obj
def diff(settings: Settings, from_version: int, to_version: int) -> None:
    """Compare two versions."""
    from pgaudit_py import output

    with settings.audit() as audit:
        changes = audit.diff(from_version, to_version)
    if settings.output == "json":
        output.json_line(changes)
    else:
        output.console().print(output.diff(changes) if changes else "nothing differs")


COMMANDS = (activity, history, versions, show, as_of, diff)
