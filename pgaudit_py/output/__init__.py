"""What people and pipes read: listings and coloured diffs that fit the terminal, or lines of JSON or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from pgaudit_py.alterations import said
from pgaudit_py.options import Options
from pgaudit_py.output.emitting import emit, feed, report
from pgaudit_py.output.listing import Indented, Listing, Row
from pgaudit_py.output.measuring import figures
from pgaudit_py.output.programs import json_line, to_json
from pgaudit_py.output.progress import progress
from pgaudit_py.output.terminal import console
from pgaudit_py.output.values import NEW, OLD, Diff, Line, not_kept, visible, written
from pgaudit_py.records import (
    Activity,
    ActivityGroup,
    Change,
    Finding,
    HistoryEntry,
    Problem,
    RestorePlan,
    State,
    TableStatus,
    Version,
)

__all__ = [
    "Diff", "Indented", "Plan", "activities", "console", "emit", "feed", "figures", "findings", "groups", "history", "json_line", "problems", "progress", "report",
    "restored", "state", "statuses", "to_json", "versions", "visible",
]  # fmt: skip


def when(at: datetime) -> str:
    """Write a time of this machine's zone, to the second."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


_STYLES = {"created": "green", "updated": "yellow", "deleted": "red", "truncated": "red", "restored": "cyan"}


def _who(causer: str | None, role: str | None = None) -> Text:
    """Say who it was; where nobody was set, in brackets which role of the database."""
    return Text(visible(causer)) if causer else Text(f"({visible(role or 'nobody set')})", style="dim")


def _action(action: str) -> Text:
    return Text(visible(action), style=_STYLES.get(action, "magenta"))


def _below(one: Activity | HistoryEntry, state: State | None) -> RenderableType | None:
    """Say what an activity did: the fields that changed, or the records that came or went; and what is not stored."""
    parts: list[RenderableType] = []
    if label := one.metadata.get("_label"):
        parts.append(Text(visible(str(label)), style="bold"))
    if isinstance(one, Activity):
        parts += [Text(visible(phrase)) for phrase in said(one.altered)]
    if one.changes:
        parts.append(Diff(one.changes))
    elif state and one.operation in {"I", "D"}:
        parts.append(Line(state, *(("+", NEW) if one.operation == "I" else ("-", OLD))))
    elif one.operation == "T":
        parts.append(Text(f"- {_rows(one.metadata)}", style=OLD))
    parts += [
        Text.assemble((visible(name), "bold"), (f"  {why}", "dim"))
        for name, entry in sorted(one.omitted.items())
        if (why := _why_not(one.operation, entry))
    ]
    return Group(*parts) if parts else None


def _why_not(operation: str | None, omitted: Mapping[str, Any]) -> str | None:
    """Say why a value is not shown; None where another line does, or where all values of the column are not."""
    why = str(omitted.get("why"))
    if operation == "U":
        if why == "size":  # it is among the changes, unless it did not change
            return None
        return "changed (redacted)" if why == "redacted" else f"changed (not kept: {visible(why)})"
    return not_kept(omitted) if "bytes" in omitted else None


def _rows(metadata: Mapping[str, Any]) -> str:
    """Say how many rows a TRUNCATE took, as far as it is known."""
    if "_rows" in metadata:
        return f"{metadata['_rows']} row{'' if metadata['_rows'] == 1 else 's'}"
    return (
        f"more than {metadata['_rows_over']} rows, not kept"
        if "_rows_over" in metadata
        else "rows that were not kept"
    )


def activities(items: Iterable[Activity]) -> Listing:
    """Lay activities out, what changed below each."""
    rows = [
        Row(
            (one.id, when(one.created_at), _who(one.causer, one.db_role), one.ip, _action(one.action), one.subject),
            _below(one, one.snapshot),
        )
        for one in items
    ]  # fmt: skip
    return Listing(["id", "when", "who", "from", "action", "what"], rows, ["who", "from", "what"])


def groups(found: Iterable[ActivityGroup]) -> RenderableType:
    """Lay groups out: what they have in common, and their activities below."""
    parts: list[RenderableType] = []
    for group in found:
        parts += [Text()] if parts else []
        parts += [_heading(group), Indented(activities(group.activities), 2)]
    return Group(*parts)


def _heading(group: ActivityGroup) -> Text:
    """Say which it is, when it was, who did it, and how much."""
    began, ended, count = when(group.began_at), when(group.ended_at), len(group.activities)
    return Text("   ").join(
        [
            Text(visible(f"{group.by} {group.id}"), style="bold"),
            Text(began if began == ended else f"{began} to {ended}"),
            _who(group.causer, group.db_role),
            Text(f"{count} activit{'y' if count == 1 else 'ies'}"),
        ]
    )


def history(entries: Iterable[HistoryEntry]) -> Listing:
    """Lay a record's history out, what changed below each."""
    rows = [
        Row(
            (
                one.id,
                when(one.created_at),
                _who(one.causer, one.db_role),
                one.ip,
                _action(one.action),
                one.key,
            ),
            _below(one, one.state),
        )
        for one in entries
    ]
    return Listing(["id", "when", "who", "from", "action", "key"], rows, ["who", "from", "key"])


def versions(found: Iterable[Version]) -> Listing:
    """Lay versions out; labels where there are any."""
    listed = list(found)
    labels = ["label"] if any(one.label for one in listed) else []
    rows = [
        Row(
            (one.id, when(one.created_at), _action(one.action), _who(" ".join(part for part in (one.causer_type, one.causer_id) if part)), "stored" if one.stored else "rebuilt", one.label)[: 5 + len(labels)]
        )
        for one in listed
    ]  # fmt: skip
    return Listing(["id", "when", "action", "who", "state", *labels], rows, ["who", *labels])


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


_GOOD = "green"


def statuses(found: Iterable[TableStatus]) -> Listing:
    """Lay out how tables are, what is wrong below each."""
    rows = [
        Row(
            (one.subject_type, one.table or Text("gone", style="red"), Text(one.state, style=_GOOD if one.state == "installed" else "bold red"), when(one.since), ", ".join(one.key), _options(one.options)),
            Text("\n".join(visible(f"{finding.detail}. {finding.fix}") for finding in one.findings)) if one.findings else None,
        )
        for one in found
    ]  # fmt: skip
    return Listing(
        ["records", "table", "state", "since", "key", "options"], rows, ["records", "table", "key", "options"]
    )


_WEIGHT = {"limited": "yellow", "note": "dim"}


def findings(found: Iterable[Finding]) -> Listing:
    """Lay findings out, the fix below each."""
    rows = [
        Row(
            (Text(one.state, style=_WEIGHT.get(one.state, "bold red")), one.about, one.detail), Text(visible(one.fix), style="dim")
        )
        for one in found
    ]  # fmt: skip
    return Listing(["state", "about", "what"], rows, ["about", "what"])


def _options(options: Mapping[str, Any]) -> str:
    """Name what is not as it is at first."""
    usual = Options()
    said = {name: value for name, value in options.items() if value and value != getattr(usual, name, None)}
    return "  ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in said.items()
    )


def state(values: State) -> Listing:
    """Lay a record out, one field a line."""
    rows = [Row((Text(visible(name), style="bold"), written(value))) for name, value in values.items()]
    return Listing(["field", "value"], rows, ["field", "value"])


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
        for warning in plan.warnings:
            yield Text(f"warning: {visible(warning)}", style="yellow")
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
