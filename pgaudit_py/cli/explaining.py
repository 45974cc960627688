"""What went wrong, in a line, and how to mend it, in another one: whatever was typed, and whatever a database says."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from pgaudit_py.cli.common import say

if TYPE_CHECKING:
    import psycopg

_LONGEST = 600
"""Characters of a message: what was typed may be of any length."""


def explain_usage(error: click.ClickException) -> None:
    """Say what was typed wrong."""
    if type(error).__name__ == "NoArgsIsHelpError":  # of click 8.2 and newer: its message is the help itself
        error.show()
        return
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "pgaudit-py"
    # click writes what there is to choose from on lines of their own.
    _say(re.sub(r"\s*\n\s*", " ", error.format_message()), f"See `{path} --help`.")


def explain(error: Exception) -> None:
    """Say what went wrong; raise what is our own mistake."""
    from pgaudit_py.errors import PgAuditError

    try:
        import psycopg
    except ImportError as missing:  # it needs one of its implementations, or libpq
        _say(
            f"psycopg cannot be used: {str(missing).splitlines()[0]}",
            "Run `pip install 'pgaudit-py[binary]'`; unset PSYCOPG_IMPL.",
        )
        return
    if isinstance(error, PgAuditError):
        _say(error.message, error.hint)
    elif isinstance(error, psycopg.Error):
        _say(*_of_database(error))
    elif isinstance(error, OSError) and error.strerror:
        _forget_output()
        _say(f"{error.filename or 'output'}: {error.strerror}", None)
    else:
        raise error


_ENDED = "Run it again when the server answers; what was not reported as done was not done."
_SLOW = "Ask for less, or raise statement_timeout for this role."
_HINTS = {
    "57P01": _ENDED,  # admin_shutdown
    "57P02": _ENDED,  # crash_shutdown
    "57P05": _ENDED,  # idle_session_timeout
    "25P03": _ENDED,  # idle_in_transaction_session_timeout
}
"""What to do where the server gives no hint of its own, by SQLSTATE."""


def _of_database(error: psycopg.Error) -> tuple[str, str | None]:
    """Take an error of the database apart: what it says, and a hint."""
    diag = error.diag
    if diag.message_primary:
        parts = [diag.message_primary, diag.message_detail]
        said = ": ".join(part.rstrip(".") for part in parts if part)
        timed_out = error.sqlstate == "57014" and "statement timeout" in said
        return said, diag.message_hint or (_SLOW if timed_out else _HINTS.get(error.sqlstate or ""))
    lines = str(error).strip().splitlines() or [type(error).__name__]
    # The connection broke: no server said anything, or an older psycopg puts words before what it said.
    return lines[0].removeprefix("consuming input failed: ").replace("FATAL:  ", ""), _ENDED


def _say(message: str, hint: str | None) -> None:
    short = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
    say(f"error: {short}", err=True)
    if hint:
        say(f"hint: {hint}", err=True)


def _forget_output() -> None:
    """Send what is still to be flushed nowhere: it could not be written, and would be tried once more at the end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
