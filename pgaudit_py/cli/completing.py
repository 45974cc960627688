"""What a shell offers for a table's name: asked of the database, in a moment, or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import click
from click.shell_completion import CompletionItem, get_completion_class

from pgaudit_py.cli.common import Command, Settings

if TYPE_CHECKING:
    from pgaudit_py import Audit

ACTIONS = ("created", "updated", "deleted", "truncated", "restored", "snapshot")

_PATIENCE = 2
"""Seconds that somebody who pressed Tab waits: for the connection, and for the answer."""


def beginning(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Offer the words that go on as begun."""
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


def audited(context: click.Context) -> list[str]:
    """List what the records of the tables under audit are called."""
    return _ask(context, lambda audit: audit.tracked())


def auditable(context: click.Context) -> list[str]:
    """List the tables that could be put under audit, as SQL names them."""
    return _ask(
        context,
        lambda audit: [one.name.removeprefix("public.") for one in audit.find_tables() if not one.why_not],
    )


def _ask(context: click.Context, question: Callable[[Audit], list[str]]) -> list[str]:
    """Ask the database that the line or the environment names; nothing is said of what goes wrong."""
    with suppress(Exception):
        from psycopg.conninfo import make_conninfo

        from pgaudit_py import Audit
        from pgaudit_py.connect import choose_dsn, connect

        settings: Any = context.obj or Settings()
        dsn = make_conninfo(choose_dsn(settings.dsn, os.environ), connect_timeout=_PATIENCE)
        with connect(dsn, autocommit=True) as conn:
            conn.execute("SELECT pg_catalog.set_config('statement_timeout', %s, false)", [f"{_PATIENCE}s"])
            return question(Audit(conn))
    return []


@click.command(cls=Command, short_help="Print what makes a shell complete commands, options and tables.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: Literal["bash", "zsh", "fish"]) -> None:
    """Print the script that makes a shell complete commands, options and the names of tables.

    \b
    eval "$(pgaudit-py completion bash)"         in ~/.bashrc
    eval "$(pgaudit-py completion zsh)"          in ~/.zshrc
    pgaudit-py completion fish | source          in ~/.config/fish/config.fish
    """  # noqa: D301 - click wants the character, not its escape
    script = get_completion_class(shell)
    if script:
        click.echo(script(context.find_root().command, {}, "pgaudit-py", "_PGAUDIT_PY_COMPLETE").source())


COMMANDS = (completion,)
