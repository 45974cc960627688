"""Reading the log: filters become statements. Everything is decided in the SQL functions that they call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pgaudit_py.errors import OptionError
from pgaudit_py.models import Actor
from pgaudit_py.records import Activity, Change, HistoryEntry, Page, Problem, Version, read_changes
from pgaudit_py.sanitise import exact_json, json_object
from pgaudit_py.statements import Flow, Statement, command, fetch, fetch_one, first, query
from pgaudit_py.subjects import Key, aware, key_texts, number, subject_parts, words

MAX_LIMIT = 10_000


def activity(
    *,
    subject: tuple[str, Key] | str | None = None,
    causer: object = None,
    causer_type: str | None = None,
    action: str | None = None,
    field: str | None = None,
    transaction_id: int | None = None,
    request_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    metadata: Mapping[str, object] | None = None,
    limit: int = 50,
    before: int | None = None,
) -> Flow[Page]:
    """Search the log; see `Audit.activity`."""
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise OptionError(f"limit is {limit!r}", hint=f"Ask for 1 to {MAX_LIMIT} activities at a time.")
    asked = conditions(
        subject=subject,
        causer=causer,
        causer_type=causer_type,
        action=action,
        field=field,
        request_id=request_id,
        metadata=metadata,
    )
    rows = yield from fetch(
        query(
            "activity",
            Activity.of,
            **asked,
            transaction_id=number("transaction_id", transaction_id),
            since=None if since is None else aware(since),
            until=None if until is None else aware(until),
            before=number("before", before),
            # One more tells whether there is another page.
            max_rows=limit + 1,
        )
    )
    if not rows:
        yield from refuse_a_record_as_text(asked)
    items = tuple(rows[:limit])
    return Page(items, items[-1].id if len(rows) > limit else None)


def conditions(
    *,
    subject: tuple[str, Key] | str | None = None,
    causer: object = None,
    causer_type: str | None = None,
    action: str | None = None,
    field: str | None = None,
    request_id: str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Turn what is searched for into the parameters that the queries of activities share.

    Raises:
        OptionError: something is none of its kind.
    """
    subject_type, key = subject_parts(subject)
    who = Actor.of(causer, type=causer_type)
    if causer is not None and who.id is None:
        raise OptionError(
            f"the causer {causer!r} has no id", hint="Leave causer out to search for everybody."
        )
    return {
        "subject_type": subject_type,
        "key": key,
        "causer_type": who.type,
        "causer_id": who.id,
        "action": words(action),
        "field": words(field),
        "request_id": words(request_id),
        "metadata": _json_text(metadata),
    }


def refuse_a_record_as_text(asked: Mapping[str, object]) -> Flow[None]:
    """Tell a record that was written as one text from a table whose name has a colon, where nothing was found."""
    subject_type = asked["subject_type"]
    if asked["key"] is not None or ":" not in str(subject_type or ""):
        return
    known = yield from fetch(query("tracked_names", first))
    if subject_type not in known:
        raise OptionError(
            f"no records are called {subject_type!r}", hint='Give a record as type and key: ("posts", 1).'
        )


def history(subject_type: str, key: Key) -> Statement[HistoryEntry]:
    """Build the statement for a record's history; see `Audit.history`."""
    return query("history", HistoryEntry.of, subject_type=words(subject_type), key=key_texts(key))


def versions(subject_type: str, key: Key) -> Statement[Version]:
    """Build the statement for a record's versions; see `Audit.versions`."""
    return query("versions", Version.of, subject_type=words(subject_type), key=key_texts(key))


def version(version_id: int) -> Statement[dict[str, Any]]:
    """Build the statement for the state after an activity; see `Audit.version`."""
    return query("version", first, version=number("version", version_id))


def record_at(subject_type: str, key: Key, at: datetime) -> Statement[dict[str, Any] | None]:
    """Build the statement for a record at a time; see `Audit.record_at`."""
    return query("record_at", first, subject_type=words(subject_type), key=key_texts(key), at=aware(at))


def diff(from_version: int, to_version: int) -> Flow[dict[str, Change]]:
    """Compare two versions; see `Audit.diff`."""
    statement = query(
        "diff", first, from_version=number("version", from_version), to_version=number("version", to_version)
    )
    return read_changes((yield from fetch_one(statement)))


def log(
    action: str,
    subject: tuple[str, Key] | str | None = None,
    metadata: Mapping[str, object] | None = None,
) -> Statement[int]:
    """Build the statement that records an event of the application's own; see `Audit.log`."""
    subject_type, key = subject_parts(subject)
    return command(
        "log",
        first,
        action=words(action),
        subject_type=subject_type,
        key=key,
        metadata=_json_text(metadata),
    )


def log_change(
    action: str,
    subject: tuple[str, Key] | str | None,
    old: Mapping[str, object] | None,
    new: Mapping[str, object] | None,
    metadata: Mapping[str, object] | None = None,
) -> Statement[int | None]:
    """Build the statement that records a change of the application's own; see `Audit.log_change`."""
    subject_type, key = subject_parts(subject)
    return command(
        "log_change",
        first,
        action=words(action),
        subject_type=subject_type,
        key=key,
        old=_state_text("old", old),
        new=_state_text("new", new),
        metadata=_json_text(metadata),
    )


def snapshot(subject_type: str, key: Key, label: str | None) -> Statement[int]:
    """Build the statement that records a record as it is now; see `Audit.snapshot`."""
    return command(
        "snapshot", first, subject_type=words(subject_type), key=key_texts(key), label=words(label)
    )


def verify_table(subject_type: str) -> Statement[Problem]:
    """Build the statement that compares log and table; see `Audit.verify_table`."""
    return query("verify_table", Problem.of, subject_type=subject_type)


def _json_text(metadata: Mapping[str, object] | None) -> str | None:
    if metadata is None:
        return None
    try:
        return json.dumps(json_object(metadata), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise OptionError(
            f"metadata is no JSON object: {error}", hint='Give names to what you mean: {"channel": "rss"}.'
        ) from error


def _state_text(name: str, state: Mapping[str, object] | None) -> str | None:
    if state is None:
        return None
    if not isinstance(state, Mapping):
        raise OptionError(
            f"{name} is no mapping, but {state!r}", hint='Give names to the values: {"title": "Tea"}.'
        )
    try:
        return exact_json(state)
    except (ValueError, RecursionError) as error:
        raise OptionError(
            f"{name} cannot be written as JSON: {error}",
            hint="Leave out what holds itself, or give its text.",
        ) from error
