"""How values are written for people: what changed, and what came or went, as wide as the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from pgaudit_py.output.programs import to_json
from pgaudit_py.records import Change, State

_LONGEST = 2000
"""Characters of one value that are shown; JSON has all of them."""

OLD, NEW = "red", "green"
_ABSENT = "dim italic"


def visible(text: str) -> str:
    r"""Write what would command a terminal, or hide in it, as an escape: \x1b, \n, \u202e. Emoji stay whole."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one == "\u200d" else one.encode("unicode_escape").decode() for one in text
    )


def one_line(value: Any) -> str:
    """Write a value on one line: a text as it is, anything else as JSON."""
    return visible(value if isinstance(value, str) else to_json(value))


def written(value: Any) -> Text:
    """Write a value so that NULL and the empty text differ from the words."""
    text = None if value is None else one_line(value)
    if not text:
        return Text("NULL" if text is None else "''", style=_ABSENT)
    return Text(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def not_kept(digest: Mapping[str, Any]) -> str:
    """Write what is known of a value that was too large."""
    return f"({digest['bytes']} bytes, not kept)"


def _sides(change: Change) -> tuple[Text, Text]:
    """Write old and new, bold where they differ."""
    old, new = _side(change, "old", "new"), _side(change, "new", "old")
    start, end = _same(old or "", new or "")
    return _marked(old, OLD, start, end), _marked(new, NEW, start, end)


def _same(old: str, new: str) -> tuple[int, int]:
    """Count the characters with which both begin, and those with which both end: whole words, unless they are long."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    begun = re.search(r"[\w.]{0,20}$", old[max(0, start - 20) : start])
    ended = re.match(r"[\w.]{0,20}", old[len(old) - end :])
    whole = [len(word[0]) if word and len(word[0]) < 20 else 0 for word in (begun, ended)]
    return start - whole[0], end - whole[1]


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _side(change: Change, side: str, other: str) -> str | None:
    if side in change.omitted:
        return not_kept(change.omitted[side])
    value = getattr(change, side)
    if value is None:  # a side that is absent is NULL in a jsonb column: the other one is a JSON null then
        return "null" if side in change.raw and other not in {*change.raw, *change.omitted} else None
    return one_line(value)


def _marked(text: str | None, style: str, start: int, end: int) -> Text:
    if not text:
        return written(text)
    marked = Text(text, style=style)
    marked.stylize("bold", start, len(text) - end)
    return marked


def _cut(text: Text, width: int) -> Text:
    """Cut a text to a width, around its first bold part."""
    if text.cell_len <= width:
        return text
    first = next((span.start for span in text.spans if span.style == "bold"), 0)
    start = max(0, min(first - width // 3, len(text) - width))
    cut = (
        text[start : start + width] if start == 0 else Text("…").append_text(text[start + 1 : start + width])
    )
    if start + width < len(text) or cut.cell_len > width:
        cut.truncate(width - 1)
        cut.append("…")
    return cut


@dataclass(frozen=True, slots=True)
class Diff:
    """Changes, one field a line as far as old and new fit beside one another, else one below the other."""

    changes: Mapping[str, Change]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out for a width."""
        names = {
            name: _cut(Text(visible(name), style="bold"), options.max_width // 3) for name in self.changes
        }
        indent = max((name.cell_len for name in names.values()), default=0) + 2
        room = max(options.max_width - indent, 12)
        for name, change in sorted(self.changes.items()):
            head = names[name].copy()
            head.pad_right(indent - head.cell_len)
            old, new = _sides(change)
            if old.cell_len + 3 + new.cell_len <= room:
                yield Text.assemble(head, old, (" → ", "dim"), new)
            else:
                yield Text.assemble(head, ("- ", OLD), _cut(old, room - 2))
                yield Text.assemble(" " * indent, ("+ ", NEW), _cut(new, room - 2))


@dataclass(frozen=True, slots=True)
class Line:
    """A record on one line, for what was created or is gone: id 1   title Tea."""

    state: State
    mark: str
    style: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Cut it to a width."""
        line = Text(f"{self.mark} ", style=self.style)
        for number, (name, value) in enumerate(self.state.items()):
            line.append("   " if number else "").append(visible(name), style="bold").append(" ")
            line.append_text(written(value))
            if line.cell_len > options.max_width:
                break
        yield _cut(line, options.max_width)
