"""The command doctor: what weakens the audit trail, and how large it is."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import FOUND, Command, Settings
from pgaudit_py.cli.rehearsing import Mode

if TYPE_CHECKING:
    from pgaudit_py import Audit


@click.command(cls=Command)
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Look for what weakens the audit trail, and say how to mend it. Exits with 3 where something is wrong.

    What a missing privilege leaves undone is told as well, and what is worth to know; neither is wrong. Nothing is
    written, and no table is read through.
    """
    from pgaudit_py import Finding, output
    from pgaudit_py.errors import NotMigrated

    with settings.audit() as audit:
        found = audit.doctor()
        output.emit(settings, found, output.findings, of=Finding)
        if not settings.for_programs:
            with suppress(NotMigrated):  # what measures is missing, too
                _measure(settings, audit)
    wrong = sum(finding.is_wrong for finding in found)
    if wrong:
        raise click.exceptions.Exit(FOUND)
    Mode(settings).say("nothing is wrong")


def _measure(settings: Settings, audit: Audit) -> None:
    """Say how large the log is, who has a part in it, and what is at work."""
    from pgaudit_py import __version__, output

    tables, roles, log = audit.tracked(), audit.roles(), audit.log_figures()
    server = audit.conn.info.parameter_status("server_version")
    versions = f"pgaudit-py {__version__}, PostgreSQL {server}"
    click.echo()
    output.emit(settings, [log], lambda _: output.figures(log, tables, roles, versions))


COMMANDS = (doctor,)
