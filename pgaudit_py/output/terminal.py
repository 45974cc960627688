"""The terminal: whether it has colours, how wide it is, and a pager for what is longer than the screen."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOBase
from typing import IO, Protocol, TextIO, cast

from rich.console import Console

_PAGE = 160
"""Columns of a page that is not a terminal."""


class Wanted(Protocol):
    """What the options of the command line say about the output."""

    @property
    def output(self) -> str:
        """Say who reads it: table, json or csv."""

    @property
    def color(self) -> str:
        """Say whether in colours: auto, always or never."""

    @property
    def pager(self) -> bool:
        """Say whether a pager may show what is longer than the screen."""


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether a person reads it; it is None where the shell closed it."""
    return stream is not None and stream.isatty()


def in_colours(wanted: str, stream: TextIO | None, environment: Mapping[str, str]) -> bool:
    """Decide between --color, NO_COLOR, FORCE_COLOR, TERM and what the stream is, in this order."""
    if wanted != "auto":
        return wanted == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return environment.get("TERM") != "dumb" and is_terminal(stream)


class _Console(Console):
    """A console that leaves a closed pipe to whoever opened the page."""

    def on_broken_pipe(self) -> None:
        """Go on raising, where rich would exit."""
        raise  # noqa: PLE0704 - called while the error is handled


def console(color: str = "auto", page: IO[str] | None = None) -> Console:
    """Return the terminal, or a wide page where the output goes elsewhere.

    Args:
        color: auto, always or never.
        page: where to write; standard output if not given.
    """
    coloured = in_colours(color, sys.stdout, os.environ)
    return _Console(
        file=page,
        highlight=False, emoji=False, markup=False, force_terminal=coloured, no_color=not coloured,
        color_system="standard" if coloured else None, width=None if is_terminal(sys.stdout) else _PAGE,
    )  # fmt: skip


def pager_command(environment: Mapping[str, str]) -> list[str] | None:
    """Return the program that shows long output: $PAGER, else less; None for none.

    A terminal without any abilities (TERM=dumb) has none, and `cat` or nothing in PAGER means none, as for git.
    """
    if environment.get("TERM", "dumb") == "dumb":
        return None
    try:
        command = shlex.split(environment.get("PAGER", "less"))
    except ValueError:  # an unclosed quotation mark
        return None
    return command if command and command != ["cat"] and shutil.which(command[0]) else None


class Page(TextIOBase):
    """Standard output; at a terminal, what is longer than the screen goes through a pager, once it is.

    What is written after the reader left the pager raises BrokenPipeError, which `open_page` takes: the command goes
    on with what it does next.
    """

    def __init__(self, wanted: Wanted, *, paged: bool) -> None:
        """Find out whether a pager may be used."""
        paged = paged and wanted.pager and is_terminal(sys.stdout) and is_terminal(sys.stdin)
        self._command = pager_command(os.environ) if paged else None
        self._pager: subprocess.Popen[str] | None = None
        self._held: list[str] = []
        size = shutil.get_terminal_size()
        self._columns, self._room = size.columns, size.lines - 1

    def write(self, text: str) -> int:
        """Write to the pager, to standard output, or hold it back until there is more than the screen can show."""
        if self._pager and self._pager.stdin:
            self._pager.stdin.write(text)
        elif self._command:
            self._held.append(text)
            self._room -= sum(1 + len(line) // self._columns for line in text.splitlines())
            if self._room < 0:
                self._open_pager(self._command)
        elif sys.stdout is not None:
            sys.stdout.write(text)
        return len(text)

    def flush(self) -> None:
        """Let what was written be seen, where nothing is held back."""
        if sys.stdout is not None and not self._command:
            sys.stdout.flush()

    def _open_pager(self, command: list[str]) -> None:
        # Colours pass, and what fits the screen after all is just printed, unless somebody wants it otherwise.
        environment = {"LESS": "FRX", **os.environ}
        try:
            self._pager = subprocess.Popen(  # noqa: S603 - it is what the user chose
                command, stdin=subprocess.PIPE, text=True, encoding=sys.stdout.encoding, errors="backslashreplace", env=environment,
            )  # fmt: skip
        except OSError:
            self._command = None
        self._let_go()

    def _let_go(self) -> None:
        held, self._held = "".join(self._held), []
        if self._pager is None:
            self._command = None
        if held:
            self.write(held)

    @property
    def is_paged(self) -> bool:
        """Whether a pager runs."""
        return self._pager is not None

    def finish(self) -> None:
        """Print what was held back, or wait until the reader leaves the pager."""
        if self._pager is None:
            self._let_go()
            return
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the pager's now
        try:
            self._pager.communicate()
        finally:
            signal.signal(signal.SIGINT, before)

    @property
    def stream(self) -> TextIO:
        """The page as what it stands for."""
        return cast("TextIO", self)


@contextmanager
def open_page(wanted: Wanted, *, paged: bool = True) -> Iterator[Page]:
    """Open standard output for a block that writes to it.

    Args:
        wanted: what the options say.
        paged: whether a pager suits what will be written.
    """
    page = Page(wanted, paged=paged)
    try:
        yield page
    except BrokenPipeError:  # the reader has seen enough
        if not page.is_paged:
            raise
    finally:
        page.finish()
