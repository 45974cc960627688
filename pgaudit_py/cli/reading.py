"""Commands that read the log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pgaudit_py.cli.common import Command, Settings, called, say
from pgaudit_py.cli.parameters import AuditedTable, Id, Time

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.subjects import Key

_RECORD = '\n\nTABLE is what its records are called, or else its own name. KEY is 1, or as the log writes it where it has several columns: \'["7", "de"]\'.'


@click.command(cls=Command, help=f"Tell what happened to a record, oldest first.{_RECORD}")
@click.argument("table", type=AuditedTable())
@click.argument("key")
@click.pass_obj
def history(settings: Settings, table: str, key: str) -> None:
    """Tell what happened to a record."""
    from pgaudit_py import HistoryEntry, output

    with settings.audit() as audit:
        entries = audit.history(*_record(audit, table, key))
    output.emit(settings, entries, output.history, f"nothing was recorded of {table}:{key}", of=HistoryEntry)


@click.command(cls=Command, help=f"List the states of a record that can be asked for, oldest first.{_RECORD}",
               short_help="List the states of a record that can be asked for.")  # fmt: skip
@click.argument("table", type=AuditedTable())
@click.argument("key")
@click.pass_obj
def versions(settings: Settings, table: str, key: str) -> None:
    """List the states of a record that can be asked for."""
    from pgaudit_py import Version, output

    with settings.audit() as audit:
        found = audit.versions(*_record(audit, table, key))
    output.emit(settings, found, output.versions, f"nothing was recorded of {table}:{key}", of=Version)


@click.command(cls=Command)
@click.argument("version_id", type=Id(), metavar="ID")
@click.pass_obj
def show(settings: Settings, version_id: int) -> None:
    """Show a record as it was after an activity."""
    with settings.audit() as audit:
        _print_state(settings, audit.version(version_id))


@click.command("as-of", cls=Command, help=f"Show a record as it was at a time.{_RECORD}")
@click.argument("table", type=AuditedTable())
@click.argument("key")
@click.option(
    "--at", type=Time(), required=True, help="2d, 3h, 15m ago, or ISO 8601 in this machine's time zone."
)
@click.pass_obj
def as_of(settings: Settings, table: str, key: str, at: datetime) -> None:
    """Show a record as it was at a time."""
    with settings.audit() as audit:
        state = audit.record_at(*_record(audit, table, key), at=at)
    if state is None and not settings.as_json:
        say(f"there was no {table}:{key} then", err=settings.for_programs)
    else:
        _print_state(settings, state)


@click.command(cls=Command, short_help="Compare two versions of a record.",
               help=f"Compare a version of a record with a later one, or with the last.{_RECORD}")  # fmt: skip
@click.argument("table", type=AuditedTable())
@click.argument("key")
@click.option("--from", "older", type=Id(), required=True, help="The version to begin with.")
@click.option("--to", "newer", type=Id(), help="The version to end with; else the last.")
@click.pass_obj
def diff(settings: Settings, table: str, key: str, older: int, newer: int | None) -> None:
    """Compare two versions of a record."""
    from pgaudit_py import output

    with settings.audit() as audit:
        last = of_record(audit, *_record(audit, table, key), f"{table}:{key}", older, newer)[-1]
        changes = audit.diff(older, last if newer is None else newer)
    if settings.as_json:
        output.json_line(changes)
    elif settings.for_programs or changes:
        fields = ({"field": name, "old": change.old, "new": change.new} for name, change in changes.items())
        output.emit(settings, fields, lambda _: output.Diff(changes), of=["field", "old", "new"])
    else:
        say("nothing differs")


def of_record(audit: Audit, subject_type: str, key: Key, written: str, *wanted: int | None) -> list[int]:
    """List the ids of a record's versions, and refuse one that is another record's.

    Raises:
        VersionNotFound: a wanted one is not among them.
    """
    from pgaudit_py.errors import VersionNotFound

    known = [version.id for version in audit.versions(subject_type, key)]
    for one in wanted:
        if one is not None and one not in known:
            raise VersionNotFound(
                f"{one} is no version of {written}", hint="List its versions: pgaudit-py versions TABLE KEY."
            )
    return known


def _record(audit: Audit, table: str, key: str) -> tuple[str, Key]:
    from pgaudit_py.subjects import parse_key

    return called(audit, table), parse_key(key)


def _print_state(settings: Settings, state: Any) -> None:
    from pgaudit_py import output

    output.emit(settings, [state], lambda found: output.state(found[0]))


COMMANDS = (history, versions, show, diff, as_of)
