"""Commands about roles: grant and revoke."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pgaudit_py.cli.common import Command, Settings, agree
from pgaudit_py.cli.rehearsing import DRY_RUN, SQL, Mode

if TYPE_CHECKING:
    from pgaudit_py import Audit
    from pgaudit_py.roles import Granted

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_PARTS = {
    "app": "Who may say who is acting, and record events of its own.",
    "reader": "Who may read the log, and travel in time.",
    "restorer": "Who may do both, and restore, with its own rights on the tables.",
}


def _roles(command: Decorated) -> Decorated:
    for part, what in reversed(_PARTS.items()):
        command = click.option(f"--{part}", multiple=True, metavar="ROLE", help=what)(command)
    return command


def _wanted(app: Iterable[str], reader: Iterable[str], restorer: Iterable[str]) -> list[Granted]:
    wanted: list[Granted] = [
        *((role, "app") for role in app),
        *((role, "reader") for role in reader),
        *((role, "restorer") for role in restorer),
    ]
    if not wanted:
        raise click.UsageError("Name roles of the database by --app, --reader or --restorer.")
    return list(dict.fromkeys(wanted))


def _tell(settings: Settings, told: Iterable[Granted], outcome: str) -> None:
    from pgaudit_py import output

    records = ({"role": role, "as": as_, "outcome": outcome} for role, as_ in told)
    output.report(
        settings,
        records,
        lambda one: f"{one['role']}: {one['outcome']} {one['as']}",
        of=["role", "as", "outcome"],
    )


@click.command(cls=Command, short_help="Let roles of the database act, read or restore.")
@_roles
@SQL
@DRY_RUN
@click.pass_obj
def grant(
    settings: Settings, app: tuple[str, ...], reader: tuple[str, ...], restorer: tuple[str, ...],
    show_sql: bool, dry_run: bool,
) -> None:  # fmt: skip
    """Give roles of the database a part in the audit trail: all of them, or none where one cannot be.

    Each option as often as you like. To be recorded, nobody needs a grant. It is for the owner of schema pgaudit_py;
    doing it again does nothing, and `revoke` takes it back: it does not ask.

    \b
    pgaudit-py grant --app web --reader support --restorer admin
    """  # noqa: D301 - click wants the character, not its escape
    wanted = _wanted(app, reader, restorer)
    with Mode(settings, dry_run, show_sql).audit() as audit, audit.conn.transaction():
        for role, as_ in wanted:
            audit.grant(role, as_=as_)
    if not show_sql:
        _tell(settings, wanted, "would be granted" if dry_run else "granted")


@click.command(cls=Command, short_help="Take back what grant gave.")
@_roles
@SQL
@DRY_RUN
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def revoke(
    settings: Settings, app: tuple[str, ...], reader: tuple[str, ...], restorer: tuple[str, ...],
    show_sql: bool, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    """Take a part in the audit trail from roles of the database. Shows the plan first, and asks.

    A restorer that loses app or reader is left with the other; one that loses restorer, with nothing.
    """
    wanted = _wanted(app, reader, restorer)
    mode = Mode(settings, dry_run, show_sql)
    with mode.audit() as audit:
        with (
            audit.rehearsal() if not mode.tries else nullcontext()
        ):  # what is wrong is said before the question
            _revoke(audit, wanted)
        for role, as_ in wanted:
            mode.say(f"{role}: would no longer be {as_}")
        if mode.tries:
            return
        agree("Do it?", yes=yes)
        with audit.conn.transaction():
            _revoke(audit, wanted)
    _tell(settings, wanted, "revoked")


def _revoke(audit: Audit, wanted: Iterable[Granted]) -> None:
    for role, as_ in wanted:
        audit.revoke(role, as_=as_)


COMMANDS = (grant, revoke)
