"""The command `pgaudit-py` itself: its options, and errors without a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

import click

from pgaudit_py._version import __version__
from pgaudit_py.cli import reading, snapshots, tables, writing
from pgaudit_py.cli.common import general_options, say


class _InOrder(click.Group):
    """A group that lists its commands in the order in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names as they were added."""
        return list(self.commands)


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=general_options(),
    epilog="Exit codes: 0 done, 1 error, 2 wrong use, 3 found something.",
)
@click.version_option(__version__, prog_name="pgaudit-py")
def cli() -> None:
    """Audit trail, history and time travel for PostgreSQL tables.

    \b
    pgaudit-py install --table posts     record every change from now on
    pgaudit-py history posts 1           what happened to post 1
    pgaudit-py restore posts 1 --at 2h   give it back
    """  # noqa: D301 - click wants the character, not its escape


for command in (*tables.COMMANDS, *reading.COMMANDS, *writing.COMMANDS, *snapshots.COMMANDS, *tables.LAST):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 error, 2 wrong use, 3 found something."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a character gets its escape
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(args=arguments, prog_name="pgaudit-py", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except click.Abort:
        say("stopped; nothing more was done", err=True)
        code = 130
    except Exception as error:
        _explain(error)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _forget_output() -> None:
    """Send what is still to be flushed nowhere: it could not be written, and would be tried once more at the end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: Exception) -> None:
    """Say what is wrong and how to mend it; raise what is our own mistake."""
    from pgaudit_py.errors import PgAuditError

    try:
        import psycopg
    except ImportError as missing:  # it needs one of its implementations, or libpq
        say(f"error: psycopg cannot be used: {str(missing).splitlines()[0]}", err=True)
        say("hint: Run `pip install 'pgaudit-py[binary]'`; unset PSYCOPG_IMPL.", err=True)
        return
    if isinstance(error, PgAuditError):
        said, hint = error.message, error.hint
    elif isinstance(error, psycopg.Error):
        diag = error.diag
        parts = [diag.message_primary, diag.message_detail] if diag.message_primary else [str(error).strip()]
        said, hint = ": ".join(part.rstrip(".") for part in parts if part), diag.message_hint
    elif isinstance(error, OSError) and error.strerror:
        said, hint = f"{error.filename or 'output'}: {error.strerror}", None
        _forget_output()
    else:
        raise error
    say(f"error: {said}", err=True)
    if hint:
        say(f"hint: {hint}", err=True)
