"""The command activity: search the log, all of it, or as it grows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

from pgaudit_py.cli.common import Command, Settings, say, subject_of
from pgaudit_py.cli.parameters import Action, Id, JsonObject, Subject, Text, Time

if TYPE_CHECKING:
    from pgaudit_py import Audit

_MANY = 1000
_NOTHING = "nothing of that kind was recorded"


@click.command(cls=Command)
@click.option("--subject", type=Subject(), help='A table or a record: posts, posts:1, links:["7", "de"].')
@click.option("--causer", type=Text(), help="Who.")
@click.option("--causer-type", type=Text(), help="What kind of causer.")
@click.option("--action", type=Action(), help="created, updated, deleted, restored, …")
@click.option("--field", type=Text(), help="A column that changed.")
@click.option("--transaction", "transaction_id", type=Id(), help="All of one transaction.")
@click.option("--request", "request_id", type=Text(), help="All of one request.")
@click.option("--since", type=Time(), help="From: 2d, 3h, 15m ago, or ISO 8601 in this machine's time zone.")
@click.option("--until", type=Time(), help="To, written alike.")
@click.option("--metadata", type=JsonObject(), help="What the metadata contains, as a JSON object.")
@click.option("--limit", type=click.IntRange(1, 10_000),
              help="How many at most: 50, unless you say otherwise. With --follow, of those before: 10.")  # fmt: skip
@click.option("--before", type=Id(), help="Only activities with a smaller id: the next page.")
@click.option("--by", type=click.Choice(["transaction", "request"]),
              help="Put together what belongs to one transaction or request. The end of a page may cut a group.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="All of it, as of one moment, however much it is.")
@click.option("--follow", is_flag=True, help="Go on with what comes, oldest first, until Ctrl-C.")
@click.pass_obj
def activity(settings: Settings, /, subject: str | None, **given: Any) -> None:
    """Search the log, newest first."""
    limit, by, everything, follow = (given.pop(name) for name in ("limit", "by", "everything", "follow"))
    filters = {name: value for name, value in given.items() if value is not None}
    _refuse_contradictions(follow=follow, everything=everything, by=by, limit=limit, filters=filters)
    with settings.audit() as audit:
        if subject is not None:
            filters["subject"] = subject_of(audit, subject)
        if follow:
            _follow(settings, audit, limit or 10, filters)
        elif everything:
            _print_everything(settings, audit, filters)
        else:
            _print_page(settings, audit, by, {**filters, "limit": limit or 50})


def _refuse_contradictions(
    *, follow: bool, everything: bool, by: str | None, limit: int | None, filters: dict[str, Any]
) -> None:
    past = {"since": "--since", "until": "--until", "before": "--before", "transaction_id": "--transaction"}
    others = [option for name, option in past.items() if name in filters and follow]
    others += ["--by"] if by and (follow or everything) else []
    others += ["--all"] if everything and follow else []
    others += ["--limit"] if everything and limit else []
    if others:
        chosen = "--follow" if follow else "--all"
        raise click.UsageError(f"{others[0]} does not go with {chosen}. Leave one of them out.")


def _print_page(
    settings: Settings, audit: Audit, by: Literal["transaction", "request"] | None, asked: dict[str, Any]
) -> None:
    from pgaudit_py import Activity, ActivityGroup, output

    page = audit.activity(**asked)
    if by:
        output.emit(settings, page.groups(by), output.groups, _NOTHING, of=ActivityGroup)
    else:
        output.emit(settings, page, output.activities, _NOTHING, of=Activity)
    if page.next:
        say(f"more: --before {page.next}", err=True)


def _print_everything(settings: Settings, audit: Audit, filters: dict[str, Any]) -> None:
    from pgaudit_py import Activity, output

    with _one_moment(audit):
        found = audit.iter_activity(**filters)
        output.emit(settings, found, output.activities, _NOTHING, of=Activity, together=_MANY)


@contextmanager
def _one_moment(audit: Audit) -> Iterator[None]:
    """Let all that is read be as of now: what commits meanwhile with an id in between would be here or not, by chance."""
    from psycopg import IsolationLevel

    audit.conn.isolation_level = IsolationLevel.REPEATABLE_READ
    with audit.conn.transaction():
        yield


def _follow(settings: Settings, audit: Audit, last: int, conditions: dict[str, Any]) -> None:
    from pgaudit_py import output

    try:
        output.feed(settings, audit.follow(last=last, **conditions), output.activities)
    except KeyboardInterrupt:
        click.echo("\nstopped" if sys.stderr.isatty() else "stopped", err=True)  # the cursor is behind ^C
        raise click.exceptions.Exit(130) from None


COMMANDS = (activity,)
