"""How far a long work is, on standard error, where somebody looks at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pgaudit_py.output.terminal import in_colours, is_terminal
from pgaudit_py.output.values import visible


@dataclass(frozen=True, slots=True)
class Step:
    """Tells the bar how far the work is: `step()` after each part of it."""

    advance: Callable[[int], None]
    reach: Callable[[int, int | None], None]
    """Says how many parts are done, and how many there are: what one knew before was an estimate."""
    stop: Callable[[], None]
    start: Callable[[], None]

    def __call__(self, parts: int = 1) -> None:
        """Go on by some parts."""
        self.advance(parts)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar off the terminal while something else is printed."""
        self.stop()
        try:
            yield
        finally:
            self.start()


def _nothing(*_: object) -> None:
    """Do nothing: nobody looks."""


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Step]:
    """Show a bar while the block runs, and nothing of it afterwards.

    Args:
        label: what is done: "checking".
        total: how many parts it has; None where nobody knows, and for 1 there is no bar.

    Yields:
        What tells the bar: `step()`, `step(100)`; `with step.aside():` around what is printed meanwhile. It does
        nothing where standard error is no terminal.
    """
    if not is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb" or total == 1:
        yield Step(_nothing, _nothing, _nothing, _nothing)
        return
    coloured = in_colours("auto", sys.stderr, os.environ)
    with Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True, no_color=not coloured), transient=True, redirect_stdout=False, redirect_stderr=False,
    ) as bar:  # fmt: skip
        task = bar.add_task(visible(label), total=total)

        def reach(done: int, all_of_them: int | None) -> None:
            bar.update(task, completed=done, total=None if all_of_them is None else max(all_of_them, done))

        yield Step(lambda parts: bar.advance(task, parts), reach, bar.stop, bar.start)
