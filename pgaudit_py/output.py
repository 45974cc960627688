"""What people and pipes read: listings and coloured diffs that fit the terminal, or JSON lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import click
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from pgaudit_py.records import Activity, Change, HistoryEntry, Problem, RestorePlan, State, Version

_PAGE = 160
"""Columns of a page that is not a terminal."""

_LONGEST = 2000
"""Characters of one value that are shown; JSON has all of them."""

_STYLES = {"created": "green", "updated": "yellow", "deleted": "red", "truncated": "red", "restored": "cyan"}
_OLD, _NEW, _ABSENT = "red", "green", "dim italic"


def console() -> Console:
    """Return the terminal, or a wide page where the output goes elsewhere."""
    found = Console(highlight=False, emoji=False, markup=False)
    return found if found.is_terminal else Console(highlight=False, emoji=False, markup=False, width=_PAGE)


# --- for programs ---


def json_line(record: Any) -> None:
    """Print a record as one line of JSON; numbers keep every digit."""
    click.echo(to_json(record))


def to_json(value: Any) -> str:
    """Write a value as JSON, a Decimal with all of its digits; what JSON lacks becomes text."""
    if isinstance(value, Change):
        return to_json(value.raw)
    if isinstance(value, Decimal):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return to_json({name: getattr(value, name) for name in value.__dataclass_fields__})
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{to_json(str(key))}: {to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(to_json(item) for item in value) + "]"
    text = json.dumps(value, ensure_ascii=False, default=_as_text)
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


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


# --- for people: values ---


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


def when(at: datetime) -> str:
    """Write a time of this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _value(value: Any) -> Text:
    """Write a value so that NULL and the empty text differ from the words."""
    text = None if value is None else one_line(value)
    if not text:
        return Text("NULL" if text is None else "''", style=_ABSENT)
    return Text(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def _sides(change: Change) -> tuple[Text, Text]:
    """Write old and new, bold where they differ."""
    old, new = _side(change, "old", "new"), _side(change, "new", "old")
    start, end = _same(old or "", new or "")
    return _marked(old, _OLD, start, end), _marked(new, _NEW, start, end)


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
    value = getattr(change, side)
    if value is None:  # a side that is absent is NULL in a jsonb column: the other one is a JSON null then
        return "null" if side in change.raw and other not in change.raw else None
    return one_line(value)


def _marked(text: str | None, style: str, start: int, end: int) -> Text:
    if not text:
        return _value(text)
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
                yield Text.assemble(head, ("- ", _OLD), _cut(old, room - 2))
                yield Text.assemble(" " * indent, ("+ ", _NEW), _cut(new, room - 2))


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
            line.append_text(_value(value))
            if line.cell_len > options.max_width:
                break
        yield _cut(line, options.max_width)


# --- for people: listings ---


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

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay it out for a width."""
        lines = [[Text(name, style="dim") for name in self.columns]]
        lines += [[_cell(cell) for cell in row.cells] for row in self.rows]
        widths = [max(line[number].cell_len for line in lines) for number in range(len(self.columns))]
        self._give_way(widths, options.max_width)
        yield from _aligned(console, lines[0], widths)
        for line, row in zip(lines[1:], self.rows, strict=True):
            yield from _aligned(console, line, widths)
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


def _who(causer: str | None, role: str | None = None) -> Text:
    """Say who it was; where nobody was set, in brackets which role of the database."""
    return Text(visible(causer)) if causer else Text(f"({visible(role or 'nobody set')})", style="dim")


def _action(action: str) -> Text:
    return Text(visible(action), style=_STYLES.get(action, "magenta"))


def _below(
    operation: str | None, changes: Mapping[str, Change], state: State | None
) -> RenderableType | None:
    """Say what an activity did: the fields that changed, or the record that came or went."""
    if changes:
        return Diff(changes)
    if state and operation in {"I", "D"}:
        return Line(state, *(("+", _NEW) if operation == "I" else ("-", _OLD)))
    return None


def activities(items: Iterable[Activity]) -> Listing:
    """Lay activities out, what changed below each."""
    rows = [
        Row(
            (one.id, when(one.created_at), _who(one.causer, one.db_role), one.ip, _action(one.action), one.subject),
            _below(one.operation, one.changes, one.snapshot),
        )
        for one in items
    ]  # fmt: skip
    return Listing(["id", "when", "who", "from", "action", "what"], rows, ["who", "from", "what"])


def history(entries: Iterable[HistoryEntry]) -> Listing:
    """Lay a record's history out, what changed below each."""
    rows = [
        Row(
            (one.id, when(one.created_at), _who(one.causer), one.ip, _action(one.action), one.key),
            _below(one.operation, one.changes, one.state),
        )
        for one in entries
    ]
    return Listing(["id", "when", "who", "from", "action", "key"], rows, ["who", "from", "key"])


def versions(found: Iterable[Version]) -> Listing:
    """Lay versions out."""
    rows = [
        Row(
            (one.id, when(one.created_at), _action(one.action), _who(" ".join(part for part in (one.causer_type, one.causer_id) if part)), "stored" if one.stored else "rebuilt")
        )
        for one in found
    ]  # fmt: skip
    return Listing(["id", "when", "action", "who", "state"], rows, ["who"])


def problems(found: Iterable[Problem]) -> Listing:
    """Lay contradictions between log and table out, what each side says below."""
    rows = [
        Row(
            (one.activity_id, one.subject_id, Text(one.problem, style="red")),
            one.field and Diff({one.field: Change(one.expected, one.found_value, {"old": one.expected, "new": one.found_value})}),
        )
        for one in found
    ]  # fmt: skip
    return Listing(["id", "record", "problem"], rows, ["record"])


def state(values: State) -> Listing:
    """Lay a record out, one field a line."""
    rows = [Row((Text(visible(name), style="bold"), _value(value))) for name, value in values.items()]
    return Listing(["field", "value"], rows, ["field", "value"])


# --- for people: plans ---


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore would do."""

    plan: RestorePlan

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Say it in one line, and the fields below."""
        plan = self.plan
        yield Text(f"{visible(restored(plan))} {_OUTCOMES[plan.operation]}", style="bold")
        if plan.operation == "update":
            yield Indented(Diff(plan.changes), 2)
        elif row := {"insert": plan.wanted, "delete": plan.current}.get(plan.operation):
            yield Indented(state(row), 2)
        for name, why in sorted(plan.left_out.items()):
            yield Text(f"  {visible(name)}: left as it is ({why})", style="dim")
        if plan.conflict:
            yield Text(f"conflict: {visible(plan.conflict)}", style="bold red")


_OUTCOMES = {
    "insert": "would be put back:",
    "update": "would be changed back:",
    "delete": "would be deleted: it did not exist then",
    "none": "is already as wanted",
}


def restored(plan: RestorePlan) -> str:
    """Name the record that a plan is about, as one types it, where it is gone as well."""
    if plan.current_id is not None:
        return f"{plan.subject_type}:{plan.current_id}"
    parts = [str((plan.wanted or {}).get(name)) for name in plan.key]
    return f"{plan.subject_type}:{parts[0] if len(parts) == 1 else json.dumps(parts, ensure_ascii=False)}"
