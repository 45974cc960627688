"""Rows in columns that fit the page, and what is said below each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from pgaudit_py.output.values import visible


@dataclass(frozen=True, slots=True)
class Indented:
    """Something moved to the right, without a blank at the end of its lines."""

    content: RenderableType
    by: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out in what is left of the width."""
        narrower = options.update_width(max(options.max_width - self.by, 20))
        for line in console.render_lines(self.content, narrower, pad=False):
            yield Segment(" " * self.by)
            yield from line
            yield Segment.line()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a listing, and what is said below it."""

    cells: Sequence[Any]
    below: RenderableType | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Columns as wide as what they hold; those named in `folding` give way, on more lines, where the page is too narrow."""

    columns: Sequence[str]
    rows: Sequence[Row]
    folding: Sequence[str] = ()
    headed: bool = True
    least: Sequence[int] = ()
    """Widths to begin with, so that listings that go on from one another stand in the same columns."""

    def widths(self) -> list[int]:
        """Measure the columns."""
        lines = [[Text(name) for name in self.columns]] + [
            [_cell(cell) for cell in row.cells] for row in self.rows
        ]
        least = self.least or [0] * len(self.columns)
        return [
            max(least[number], *(line[number].cell_len for line in lines)) for number in range(len(least))
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out for a width."""
        widths = self.widths()
        self._give_way(widths, options.max_width)
        if self.headed:
            yield from _aligned(console, [Text(name, style="dim") for name in self.columns], widths)
        for row in self.rows:
            yield from _aligned(console, [_cell(cell) for cell in row.cells], widths)
            if row.below is not None:
                yield Indented(row.below, widths[0] + 2)

    def _give_way(self, widths: list[int], room: int) -> None:
        """Narrow the widest of the folding columns until all fit, or each has 10 characters."""
        folding = [number for number, name in enumerate(self.columns) if name in self.folding]
        while sum(widths) + 2 * (len(widths) - 1) > room and folding:
            widest = max(folding, key=lambda number: widths[number])
            if widths[widest] <= 10:
                return
            widths[widest] -= 1


def _cell(value: Any) -> Text:
    return value if isinstance(value, Text) else Text("" if value is None else visible(str(value)))


def _aligned(console: Console, cells: Sequence[Text], widths: Sequence[int]) -> Iterable[Text]:
    """Put cells side by side; what is too wide goes on below."""
    folded = [
        cell.wrap(console, width, overflow="fold") if cell.cell_len > width else [cell]
        for cell, width in zip(cells, widths, strict=True)
    ]
    for parts in zip_longest(*folded, fillvalue=Text()):
        line = Text()
        for part, width in zip(parts, widths, strict=True):
            line.append_text(part).append(" " * (width + 2 - part.cell_len))
        line.rstrip()
        yield line
