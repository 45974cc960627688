"""The command `pgaudit-py` itself: its options, and errors without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

import click

from pgaudit_py._version import __version__
from pgaudit_py.cli import (
    checking,
    completing,
    diagnosing,
    installing,
    keeping,
    reading,
    roles,
    searching,
    snapshots,
    tables,
    writing,
)
from pgaudit_py.cli.common import HELP, general_options, say
from pgaudit_py.cli.explaining import explain, explain_usage


class _InOrder(click.Group):
    """A group that lists its commands in the order in which one needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """List the names as they were added."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Refuse a name that begins like an option: click 8.1 would show the help, and call it done."""
        if args and not args[0][:1].isalnum() and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}.")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_InOrder,
    context_settings=HELP,
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


_COMMANDS = (
    *installing.COMMANDS, *keeping.COMMANDS, *diagnosing.COMMANDS, *tables.COMMANDS, *roles.COMMANDS, *checking.COMMANDS, *searching.COMMANDS, *reading.COMMANDS,
    *writing.COMMANDS, *snapshots.COMMANDS, *completing.COMMANDS, *tables.LAST,
)  # fmt: skip
for command in _COMMANDS:
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 error, 2 wrong use, 3 found something."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that lacks a character gets its escape
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(args=arguments, prog_name="pgaudit-py", standalone_mode=False)
    except click.ClickException as error:
        explain_usage(error)
        code = error.exit_code
    except click.Abort:
        say("stopped; nothing more was done", err=True)
        code = 130
    except Exception as error:
        explain(error)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
