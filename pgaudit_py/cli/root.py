"""The command `pgaudit-py` itself: its options, and errors without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from pgaudit_py._version import __version__
from pgaudit_py.cli import reading, tables, writing
from pgaudit_py.cli.common import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pgaudit-py")
@click.option(
    "--dsn", help="The database; else PGAUDIT_PY_DSN, DATABASE_URL, the PG* variables or a service file."
)
@click.option(
    "-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True,
    help="Tables for people, JSON lines for pipes.",
)  # fmt: skip
@click.pass_context
def cli(context: click.Context, dsn: str | None, output: str) -> None:
    """Audit trail, history and time travel for PostgreSQL tables.

    \b
    pgaudit-py install --table posts     record every change from now on
    pgaudit-py history posts 1           what happened to post 1
    pgaudit-py restore posts 1 --at 2h   give it back
    """  # noqa: D301 - click wants the character, not its escape
    context.obj = Settings(dsn, output)


for command in (*tables.COMMANDS, *reading.COMMANDS, *writing.COMMANDS):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 error, 2 wrong use, 3 found something."""
    try:
        code = cli.main(args=arguments, prog_name="pgaudit-py", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("stopped; nothing more was done", err=True)
        sys.exit(130)
    except Exception as error:
        _explain(error)
        sys.exit(1)


def _explain(error: Exception) -> None:
    """Say what is wrong and how to mend it; raise what is our own mistake."""
    import psycopg

    from pgaudit_py.errors import PgAuditError

    if isinstance(error, PgAuditError):
        click.echo(f"error: {error.message}", err=True)
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
    elif isinstance(error, psycopg.Error):
        click.echo(f"error: {str(error).strip()}", err=True)
    else:
        raise error
