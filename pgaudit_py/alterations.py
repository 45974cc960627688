"""What happened to a table's definition, in words; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def said(altered: Mapping[str, Any]) -> list[str]:
    """Say what an alteration changed, a phrase each: "column n was renamed to number".

    Args:
        altered: as sql/functions/table_differences.sql gives it.
    """
    return [*_moved(altered), *_columns(altered), *_key(altered), *_triggers(altered)]


def _moved(altered: Mapping[str, Any]) -> Iterator[str]:
    if "table" in altered:
        was, name = altered["table"]
        if name is None:
            yield f"table {was} was dropped"
        else:
            yield f"table {name} was made anew" if was is None else f"table {was} is called {name} now"


def _columns(altered: Mapping[str, Any]) -> Iterator[str]:
    for was, name in altered.get("renamed", {}).items():
        yield f"column {was} was renamed to {name}"
    for name, kind in altered.get("added", {}).items():
        yield f"column {name} ({kind}) was added"
    for name, kind in altered.get("dropped", {}).items():
        yield f"column {name} ({kind}) was dropped"
    for name, (was, kind) in altered.get("retyped", {}).items():
        yield f"column {name} is {kind} now, and was {was}"
    for name, (was, _) in altered.get("generated", {}).items():
        yield f"column {name} is {'no longer' if was else 'now'} generated"


def _key(altered: Mapping[str, Any]) -> Iterator[str]:
    if "key" in altered:
        was, now = altered["key"]
        yield f"the key is {_listed(now)} now, and was {_listed(was)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def _triggers(altered: Mapping[str, Any]) -> Iterator[str]:
    for name, (was, now) in altered.get("triggers", {}).items():
        yield f"trigger {name}: {now or 'gone'}, and was {was or 'gone'}"
