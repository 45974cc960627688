"""What the log gives back, as frozen dataclasses without any I/O: activities, versions, plans, problems.

Numbers in `changes`, states and metadata are int or Decimal, exactly as recorded; a jsonb column that was SQL NULL
is absent from a state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Literal

State = Mapping[str, Any]
"""A row as the log writes it: column to JSON value; types that JSON cannot say exactly are text."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one field. None is SQL NULL, or the null of a jsonb column: `raw` tells them apart."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    old: Any
    new: Any
    raw: Mapping[str, Any]
    """The change as recorded; a side that is absent was SQL NULL in a jsonb column, or is in `omitted`."""
    omitted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """A side that was too large to be kept, and by what it can be known: {"new": {"bytes": …, "sha256": …}}."""


def _known(cls: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Take the columns that a record has fields for: a newer schema may give more."""
    return {name: row[name] for name in cls.__dataclass_fields__ if name in row}


def read_changes(
    recorded: Mapping[str, Mapping[str, Any]] | None,
    omitted: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Change]:
    """Turn recorded changes, and what was omitted of them, into objects; none for NULL."""
    return {
        name: Change(
            change.get("old"), change.get("new"), change, _omitted_sides((omitted or {}).get(name, {}))
        )
        for name, change in (recorded or {}).items()
    }


def _omitted_sides(entry: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    new = {name: entry[name] for name in ("bytes", "sha256") if name in entry}
    sides = {"old": entry.get("old"), "new": new}
    return {side: digest for side, digest in sides.items() if digest}


@dataclass(frozen=True, slots=True)
class Activity:
    """One recorded event: a row of `activity_log`, whose columns have the same names."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    id: int
    created_at: datetime
    transaction_id: int
    operation: str | None
    action: str
    subject_type: str | None
    subject_id: str | None
    previous_subject_id: str | None
    causer_type: str | None
    causer_id: str | None
    db_role: str
    set_role: str | None
    ip: IPv4Address | IPv6Address | IPv4Interface | IPv6Interface | None
    user_agent: str | None
    request_id: str | None
    metadata: Mapping[str, Any]
    changes: Mapping[str, Change]
    snapshot: State | None
    omitted: Mapping[str, Any]

    @property
    def causer(self) -> str | None:
        """Who it is attributed to: "user 42", "42", or None for nobody."""
        return " ".join(part for part in (self.causer_type, self.causer_id) if part) or None

    @property
    def subject(self) -> str | None:
        """What it is about, as one types it: "posts:1"; None for nothing."""
        return ":".join(part for part in (self.subject_type, self.subject_id) if part is not None) or None

    @property
    def altered(self) -> Mapping[str, Any]:
        """What an alteration of a table changed: {"renamed": {"n": "number"}}; empty for any other activity."""
        return self.metadata.get("_altered", {}) if self.action == "altered" else {}

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Activity:
        """Read a row of activity_log."""
        known = _known(cls, row)
        known["metadata"] = row["metadata"] or {}
        known["omitted"] = row["omitted"] or {}
        known["changes"] = read_changes(row["changes"], row["omitted"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class ActivityGroup:
    """Activities of one transaction or request, newest first."""

    __hash__ = None  # type: ignore[assignment]  # they hold dicts

    by: Literal["transaction", "request"]
    """What they have in common; transaction for those of no request."""
    id: int | str
    causer_type: str | None
    causer_id: str | None
    db_role: str
    began_at: datetime
    ended_at: datetime
    activities: tuple[Activity, ...]

    @property
    def causer(self) -> str | None:
        """Who the last of them is attributed to: "user 42", "42", or None for nobody."""
        return self.activities[0].causer

    @classmethod
    def of(
        cls, by: Literal["transaction", "request"], id: int | str, found: Sequence[Activity]
    ) -> ActivityGroup:
        """Group some activities, newest first."""
        last, times = found[0], [one.created_at for one in found]
        return cls(
            by, id, last.causer_type, last.causer_id, last.db_role, min(times), max(times), tuple(found)
        )


def group_activities(found: Iterable[Activity], by: Literal["transaction", "request"]) -> list[ActivityGroup]:
    """Put together what belongs together, whatever lies between.

    Args:
        found: activities, newest first.
        by: transaction; or request, where those of no request are grouped by their transaction.

    Returns:
        The groups, that of the newest activity first.
    """
    groups: dict[tuple[Literal["transaction", "request"], int | str], list[Activity]] = {}
    for one in found:
        request = one.request_id if by == "request" else None
        name = ("transaction", one.transaction_id) if request is None else ("request", request)
        groups.setdefault(name, []).append(one)  # type: ignore[arg-type]  # the words are those two
    return [ActivityGroup.of(*name, together) for name, together in groups.items()]


@dataclass(frozen=True, slots=True)
class Page:
    """Some activities, newest first, and where the next page begins."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    items: tuple[Activity, ...]
    next: int | None
    """Give it as `before` to get the page after this one; None for the last page."""

    def __iter__(self) -> Iterator[Activity]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def groups(self, by: Literal["transaction", "request"]) -> list[ActivityGroup]:
        """Put together what belongs together; see `group_activities`. The end of a page may cut its last groups."""
        return group_activities(self.items, by)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One activity of a record's history, and the record after it (of a deletion: the row that went away)."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    life: int
    """1 for the first record that bore the key, 2 for the next one after it was deleted, …"""
    id: int
    created_at: datetime
    transaction_id: int
    operation: str
    action: str
    key: str | None
    previous_key: str | None
    causer_type: str | None
    causer_id: str | None
    db_role: str
    set_role: str | None
    ip: IPv4Address | IPv6Address | IPv4Interface | IPv6Interface | None
    user_agent: str | None
    request_id: str | None
    metadata: Mapping[str, Any]
    changes: Mapping[str, Change]
    omitted: Mapping[str, Any]
    """What is not stored, and why: {"email": {"why": "redacted"}}; see docs/explanation/capture.md."""
    state: State | None

    @property
    def causer(self) -> str | None:
        """Who it is attributed to: "user 42", "42", or None for nobody."""
        return " ".join(part for part in (self.causer_type, self.causer_id) if part) or None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> HistoryEntry:
        """Read a row of pgaudit_py.history()."""
        return cls(
            **{
                **_known(cls, row),
                "metadata": row["metadata"] or {},
                "changes": read_changes(row["changes"], row["omitted"]),
                "omitted": row["omitted"] or {},
            }
        )


@dataclass(frozen=True, slots=True)
class Version:
    """A state of a record that can be asked for: a row of the view `versions`."""

    id: int
    created_at: datetime
    transaction_id: int
    operation: str
    action: str
    subject_type: str
    subject_id: str | None
    previous_subject_id: str | None
    causer_type: str | None
    causer_id: str | None
    label: str | None
    stored: bool
    """Whether the whole row was recorded; else it is rebuilt from changes."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Version:
        """Read a row of pgaudit_py.versions."""
        return cls(**_known(cls, row))


@dataclass(frozen=True, slots=True)
class Problem:
    """A contradiction between the log and the table."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    problem: str
    subject_id: str | None
    activity_id: int | None
    field: str | None
    expected: Any
    found_value: Any

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Problem:
        """Read a row of pgaudit_py.verify_table()."""
        return cls(**_known(cls, row))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What recording the state of a table's rows came to."""

    subject_type: str
    outcome: Literal["taken", "continued", "unchanged"]
    """continued: an earlier call had been interrupted; unchanged: the baseline was there already."""
    rows: int
    """How many rows this call recorded: those of which the log did not tell everything."""
    total: int
    """How many were recorded since the baseline began."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring a record would do. Nothing is written until `Audit.restore(plan)`."""

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    subject_type: str
    current_id: str | None
    """The key that the record bears now; None where it is gone."""
    base: int | None
    """The activity that the restore goes back to, and by which the record is known."""
    schema_name: str
    table_name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    """The columns that would be written."""
    operation: Literal["insert", "update", "delete", "none"]
    wanted: State | None
    """What would be written, by the names that columns have now; None for a deletion."""
    current: State | None
    changes: Mapping[str, Change]
    left_out: Mapping[str, str]
    """Columns that cannot be restored, and why: generated, dropped since, added since, redacted, too large, not recorded."""
    conflict: str | None
    """What stands in the way; None for nothing."""
    proof: str
    """A digest of the row as it is: applying refuses a row that changed since."""
    wanted_text: str | None
    """`wanted` as JSON text with every digit, as it is written."""
    asked_key: tuple[str, ...] | None
    """The key that was asked for together with a time; None where a version was."""
    asked_at: datetime | None
    warnings: tuple[str, ...] = ()
    """Whose code would run with the rights of whoever restores, of which they should know."""
    differs: tuple[str, ...] = ()
    """After applying: columns in which the row differs from what was wanted, since a trigger of the table wrote them."""

    @classmethod
    def of(
        cls,
        row: Mapping[str, Any],
        warnings: Sequence[str] = (),
        key: Sequence[str] | None = None,
        at: datetime | None = None,
    ) -> RestorePlan:
        """Read a row of pgaudit_py.restore_to_version() or restore_to_time()."""
        return cls(
            **{
                **_known(cls, row),
                "key": tuple(row["key"]),
                "columns": tuple(row["columns"]),
                "changes": read_changes(row["changes"]),
                "asked_key": tuple(key) if key else None,
                "asked_at": at,
                "warnings": tuple(warnings),
            }
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and what to do about it."""

    state: str
    """A state of `TableStatus`; or wrong, for what should not be; or note, for what is worth to know."""
    detail: str
    fix: str
    """What to do; what is to be run stands between backquotes: SQL, or a command."""
    about: str = ""
    """What it is about, where that is not said otherwise."""

    @property
    def is_wrong(self) -> bool:
        """Whether something is to be done; else a privilege is missing, and a part of the work is left undone, or it is a note."""
        return self.state not in {"limited", "note"}


@dataclass(frozen=True, slots=True)
class TableStatus:
    """How an audited table is."""

    subject_type: str
    table: str | None
    """Its name as in SQL, with its schema; None where it is gone."""
    state: str
    """orphaned: the table is gone; missing, disabled: triggers are; modified: they, or their functions, were changed by
    somebody else; drifted: the table was altered since; outdated: this version of the library renders them otherwise;
    limited: a privilege is missing; installed: all is well."""
    findings: tuple[Finding, ...]
    key: tuple[str, ...]
    options: Mapping[str, Any]
    since: datetime
    """When it was first installed."""
    version: str | None
    """Of the library that rendered its functions."""
