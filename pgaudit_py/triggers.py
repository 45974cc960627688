"""Install and remove the triggers of a table: what is wanted against what is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pgaudit_py._version import __version__
from pgaudit_py.errors import OptionError, SubjectTypeTaken, TableNotTracked
from pgaudit_py.models import Column, TableShape
from pgaudit_py.render import digest, render
from pgaudit_py.statements import (
    Flow,
    RawRow,
    Statement,
    fetch,
    fetch_one,
    first,
    pinned,
    query,
    script,
    whole,
)
from pgaudit_py.tables import find, inspect, shape_of

SNAPSHOTS = ("changes", "all")
TRIGGERS = ("00_pgaudit_py", "00_pgaudit_py_truncate")
MAX_TRUNCATE_ROWS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is audited."""

    snapshots: str = "changes"
    """changes: an update keeps what changed; all: the whole row as well."""
    truncate_rows: int = 100_000
    """Up to this many rows, each row of a TRUNCATE is kept."""

    @classmethod
    def of(cls, given: Mapping[str, object], before: Mapping[str, object] | None = None) -> Options:
        """Put options together: those given that are not None, else those of the last install, else the defaults."""
        said = {name: value for name, value in given.items() if value is not None}
        known = {name: value for name, value in (before or {}).items() if name in cls.__dataclass_fields__}
        return cls(**{**known, **said})  # type: ignore[arg-type]  # checked below

    def __post_init__(self) -> None:
        if self.snapshots not in SNAPSHOTS:
            raise OptionError(f"snapshots is {self.snapshots!r}", hint="Choose changes or all.")
        if type(self.truncate_rows) is not int or not 0 <= self.truncate_rows <= MAX_TRUNCATE_ROWS:
            raise OptionError(
                f"truncate_rows is {self.truncate_rows!r}",
                hint=f"Give a number from 0 to {MAX_TRUNCATE_ROWS}.",
            )


@dataclass(frozen=True, slots=True)
class Installed:
    """What an install did to a table."""

    subject_type: str
    tracked_id: int
    outcome: str
    """installed, updated, or unchanged."""
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditedTable:
    """What the templates know about a table."""

    oid: int
    schema_name: str
    table_name: str
    subject_type: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    key_columns: tuple[Column, ...]
    snapshots: str
    definer: str
    """The role that the functions run as: the owner of the log."""

    @property
    def key_numbers(self) -> list[int]:
        """The numbers of the key's columns, in its order."""
        return [column.number for column in self.key_columns]

    @property
    def long_keys(self) -> bool:
        """Whether a key may be too long for an index of the log."""
        return not all(column.short for column in self.key_columns)

    @property
    def settings(self) -> list[str]:
        """The session settings that the values and keys depend on, sorted."""
        written = {name for column in self.columns for name in column.settings}
        return sorted(written.union(*(column.text_settings for column in self.key_columns)))


@dataclass(frozen=True, slots=True)
class Rendered:
    """The SQL of one table, and the proof of where it comes from."""

    sql: str
    comment: str


def function_names(tracked_id: int) -> dict[str, str]:
    """Name the functions of a tracked table: by its id, since oids do not survive a dump."""
    return {"function": f"capture_{tracked_id}", "truncate_function": f"capture_{tracked_id}_truncate"}


def render_install(
    shape: TableShape,
    subject_type: str,
    options: Options,
    *,
    tracked_id: int,
    shape_id: int,
    server_major: int,
) -> Rendered:
    """Render functions and triggers of a table; pure.

    Args:
        shape: the table as it is.
        subject_type: what its records are called.
        options: how it is audited.
        tracked_id, shape_id: of the books in the database.
        server_major: 15 and later; newer servers tell an untouched large value by its address.
    """
    table = AuditedTable(
        oid=shape.oid,
        schema_name=shape.schema_name,
        table_name=shape.table_name,
        subject_type=subject_type,
        columns=shape.columns,
        key=shape.key,
        key_columns=shape.key_columns,
        # Without a key there is no history to rebuild a row from.
        snapshots=options.snapshots if shape.key else "all",
        definer=shape.definer,
    )
    common = {"table": table, "shape_id": shape_id, "fingerprint": shape.fingerprint}
    setting = f"pgaudit_py.shape_{tracked_id}"
    body = render("capture", **common, setting=setting, server_major=server_major)
    truncate_body = render("capture_truncate", **common, truncate_rows=options.truncate_rows)
    parts = {"table": table, "body": body, "truncate_body": truncate_body, **function_names(tracked_id)}
    comment = f"pgaudit-py {__version__} sha256:{digest(render('install', comment='', **parts))}"
    sql = render("install", comment=comment, **parts)
    return Rendered(sql, comment)


def install(name: str, given: Mapping[str, object], server_major: int) -> Flow[Installed]:
    """Install the triggers of a table, or bring them up to date; to be run in one transaction.

    Args:
        name: of the table.
        given: fields of `Options`; None for one that stays as it is.
        server_major: of the server.
    """
    Options.of(given)  # what is wrong is said before anything is looked up
    relation = yield from find(name)
    return (yield from pinned(_install(name, relation, given, server_major)))


def _install(name: str, relation: int, given: Mapping[str, object], server_major: int) -> Flow[Installed]:
    yield from fetch(query("lock_installers", whole))
    shape = shape_of((yield from inspect(name, relation)))
    tracked = yield from fetch(query("tracked_by_relation", whole, oid=shape.oid))
    before = tracked[0] if tracked else None
    options = Options.of(given, before["options"] if before else None)
    subject_type = before["subject_type"] if before else shape.subject_type
    tracked_id = yield from _track(shape, subject_type, options, before)
    shape_id = yield from fetch_one(
        query("add_shape", first, tracked_table_id=tracked_id, oid=shape.oid, key=list(shape.key))
    )
    rendered = render_install(
        shape, subject_type, options, tracked_id=tracked_id, shape_id=shape_id, server_major=server_major
    )
    # The body says nothing of what it was rendered from but by its result: same comment and text, same function.
    unchanged = before is not None and before["comment"] == rendered.comment and _is_whole(tracked, rendered)
    if not unchanged:
        if strays := [row["trigger_name"] for row in tracked if row["trigger_name"] not in TRIGGERS]:
            places = [(shape.schema_name, shape.table_name, stray) for stray in strays]
            yield script(render("drop_triggers", triggers=places))
        yield script(rendered.sql)
    outcome = "unchanged" if unchanged else "updated" if before else "installed"
    return Installed(subject_type, tracked_id, outcome, shape.key)


def _is_whole(tracked: list[dict[str, Any]], rendered: Rendered) -> bool:
    """Tell whether both triggers are there, always enabled, and call functions nobody edited."""
    return [row["trigger_name"] for row in tracked] == list(TRIGGERS) and all(
        row["enabled"] == "A" and row["body"] in rendered.sql for row in tracked
    )


def _track(
    shape: TableShape, subject_type: str, options: Options, before: Mapping[str, Any] | None
) -> Flow[int]:
    said = {
        "schema_name": shape.schema_name,
        "table_name": shape.table_name,
        "options": json.dumps(asdict(options)),
    }
    if before is not None:
        return int((yield from fetch_one(query("retrack_table", first, id=before["id"], **said))))
    taken = yield from fetch(query("tracked_by_subject_type", whole, subject_type=subject_type))
    if taken and taken[0]["relation"] is not None:
        raise SubjectTypeTaken(
            f"records of {taken[0]['relation']} are called {subject_type!r} already",
            hint="Rename one of the tables, or uninstall the other one first.",
        )
    if taken:  # its table or its triggers are gone: the name is free, and a table of the same name goes on
        yield query("untrack_table", whole, id=taken[0]["id"])
    return int((yield from fetch_one(query("track_table", first, subject_type=subject_type, **said))))


def uninstall(name: str) -> Flow[str]:
    """Remove what install made; the log, the shapes and the line in the book stay.

    Args:
        name: the table, or what its records are called, where the table is gone.

    Returns:
        What its records are called.

    Raises:
        TableNotTracked: no audit trail is installed on it.
    """
    tracked = yield from _tracked(name)
    yield from pinned(_remove(tracked["id"]))
    return str(tracked["subject_type"])


def _remove(tracked_id: int) -> Flow[None]:
    yield from fetch(query("lock_installers", whole))
    rows = yield from fetch(query("attached_triggers", whole, id=tracked_id))
    places = [(row["schema_name"], row["table_name"], row["trigger_name"]) for row in rows]
    yield script(render("uninstall", triggers=places, **function_names(tracked_id)))
    yield query("untrack_table", whole, id=tracked_id)


def _tracked(name: str) -> Flow[RawRow]:
    tracked = yield from fetch(query("find_tracked", whole, name=name))
    if tracked:
        return tracked[0]
    yield from find(name)  # raises where there is no such table
    raise TableNotTracked(
        f"no audit trail is installed on {name}", hint=f"Run `pgaudit-py install --table {name}`."
    )


def tracked_name(name: str) -> Flow[str]:
    """Find what the records of a table are called, by the table's name or by theirs."""
    return str((yield from _tracked(name))["subject_type"])


def tracked_names() -> Statement[str]:
    """Build the statement that lists what the records of audited tables are called."""
    return query("tracked_names", first)


def auditable_names() -> Statement[str]:
    """Build the statement that lists the tables that could be audited, as SQL names them."""
    return query("auditable_tables", first)


def preview(name: str, given: Mapping[str, object], server_major: int) -> Flow[tuple[Installed, str]]:
    """Install a table, and say by which SQL; to be rolled back."""
    flow = install(name, given, server_major)
    sent: list[str] = []
    rows: list[Any] | None = None
    while True:
        try:
            statement = flow.send(rows)  # type: ignore[arg-type]  # the first is None
        except StopIteration as stop:
            return stop.value, "".join(sent)
        if statement.params is None:  # rendered, not looked up
            sent.append(statement.sql)
        rows = yield statement


def drop_schema() -> Flow[list[str]]:
    """Remove every trigger, and the schema with all that was recorded."""
    names = yield from fetch(tracked_names())
    for name in names:
        yield from uninstall(name)
    yield script("DROP SCHEMA pgaudit_py CASCADE")
    return names
