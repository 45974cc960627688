"""Install and remove the triggers of a table: what is wanted against what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pgaudit_py.capture import TRIGGERS, Rendered, function_names, proof_in, strays
from pgaudit_py.errors import OptionError, TableNotTracked
from pgaudit_py.models import TableShape
from pgaudit_py.options import Options
from pgaudit_py.ownership import GRANTED, let_read, reader_by_install
from pgaudit_py.render import ident, render
from pgaudit_py.resources import sql_text
from pgaudit_py.statements import (
    Flow,
    RawRow,
    Statement,
    command,
    fetch,
    fetch_one,
    first,
    guard,
    pinned,
    query,
    script,
    setting,
    whole,
)
from pgaudit_py.tables import find, inspect, shape_of
from pgaudit_py.wanted import is_news, note, want


@dataclass(frozen=True, slots=True)
class Installed:
    """What an install did to a table."""

    subject_type: str
    tracked_id: int
    outcome: str
    """installed, updated or unchanged; forgotten, where `sync` found the table gone."""
    key: tuple[str, ...]


def install(
    name: str, given: Mapping[str, object], server_major: int, subject_type: str | None = None
) -> Flow[Installed]:
    """Install the triggers of a table, or bring them up to date; to be run in one transaction.

    Args:
        name: of the table.
        given: fields of `Options`; None for one that stays as it is.
        server_major: of the server.
        subject_type: what its records shall be called; None for what they are called already, or for its name.
    """
    Options.of(given)  # what is wrong is said before anything is looked up
    if subject_type is not None and not 0 < len(subject_type) <= 512:
        raise OptionError(f"the name {subject_type[:50]!r} is none", hint="Give one of 1 to 512 characters.")
    relation = yield from find(name)
    return (yield from pinned(_install(name, relation, given, server_major, subject_type)))


def _install(
    name: str, relation: int, given: Mapping[str, object], server_major: int, subject_type: str | None
) -> Flow[Installed]:
    yield setting("lock_installers")
    shape = shape_of((yield from inspect(name, relation)))
    tracked = yield from fetch(query("tracked_by_relation", whole, oid=shape.oid))
    renamed = bool(tracked) and subject_type not in {None, tracked[0]["subject_type"]}
    carried = tracked[0] if renamed else None
    was_let = renamed and (yield from reader_by_install(tracked[0]["id"])) is not None
    tracked = [] if renamed else tracked
    wanted = yield from want(shape, given, server_major, tracked, subject_type, carried)
    yield from _guard(wanted.shape, wanted.book.id)
    if wanted.new_shape:
        # Before anything is written, and before that shape, which says in which cluster the log is.
        yield script(sql_text("queries/begin_epoch.sql"), locks=True)
    if wanted.book.present:
        yield from _record_alteration(wanted.book.id, shape.oid)
    if carried:
        yield from _guard(wanted.shape, carried["id"])  # its options go on
        # What was recorded stays under the name that it has.
        yield from _remove(carried["id"], carried["subject_type"])
    if is_news(wanted):
        yield note(wanted)
    news = False
    if shape.partitioned:
        # Before the new shape, which may be of another relation, where partitions have other oids.
        news = yield from fetch_one(command("note_partitions", first, id=wanted.book.id, oid=shape.oid))
    if wanted.new_shape:
        yield command("add_shape", whole, **wanted.new_shape)
    function = function_names(wanted.book.id)["truncate_function"]
    # What is removed takes back what it let; a rehearsal does not run that, and would still see it.
    grants = yield from let_read(shape.oid, shape.schema_name, function, again=was_let)
    whole_already = _is_whole(tracked, wanted.rendered)
    unchanged = whole_already and not news and not grants
    if not whole_already or grants:
        yield command("begin_install", whole, id=wanted.book.id)
        yield script(_put_right(shape, tracked) + wanted.rendered.sql + grants, locks=True)
        yield command("end_install", whole, id=wanted.book.id, oid=shape.oid)
    outcome = "unchanged" if unchanged else "updated" if tracked else "installed"
    return Installed(wanted.book.subject_type, wanted.book.id, outcome, wanted.shape.key)


def _record_alteration(tracked_id: int, oid: int | None) -> Flow[None]:
    """Record what became of a table since the log last told, where anything did; before the book says so."""
    what = {"id": tracked_id, "oid": oid}
    if (yield from fetch_one(query("alteration", first, **what))):
        yield command("record_alteration", whole, **what)


def _guard(shape: TableShape, tracked_id: int) -> Flow[None]:
    """Let a script refuse what is not as it is now: the table, its audit trail, or the numbers that are next."""
    what = {"oid": shape.oid, "key": list(shape.key), "id": tracked_id}
    state = yield from fetch_one(query("install_state", first, **what))
    name = str(ident((shape.schema_name, shape.table_name)))
    yield guard(query("require_state", whole, state=state, name=name, **what))


def _put_right(shape: TableShape, tracked: Sequence[RawRow]) -> str:
    """Drop triggers that were renamed, or fire otherwise than ours do: those under our names come in their place."""
    others = {row["trigger_name"] for row in tracked if not row["as_made"]}
    found = sorted(others.union(strays([row["trigger_name"] for row in tracked])))
    places = [(shape.schema_name, shape.table_name, stray) for stray in found]
    places += [tuple(place) for row in tracked[:1] for place in row["astray"]]
    return render("drop_triggers", triggers=places)


def _is_whole(tracked: Sequence[RawRow], rendered: Rendered) -> bool:
    """Tell whether all triggers are there, always enabled, and call functions as rendered that nobody edited."""
    return [row["trigger_name"] for row in tracked] == list(TRIGGERS) and all(
        row["enabled"] == "A"
        and row["below"]
        and not row["astray"]
        and row["as_made"]
        and row["proof"] == rendered.proof
        and proof_in(row["comment"]) == rendered.proof
        for row in tracked
    )


def uninstall(name: str | None, subject_type: str | None = None) -> Flow[str]:
    """Remove what install made; the log, the shapes and the line in the book stay.

    Args:
        name, subject_type: see `named`.

    Returns:
        What its records are called.

    Raises:
        TableNotTracked: no audit trail is installed on it.
        OptionError: see `named`.
    """
    tracked = yield from named(name, subject_type)
    yield from pinned(_uninstall(tracked))
    return str(tracked["subject_type"])


def forget(tracked: RawRow) -> Flow[Installed]:
    """Take a table that is gone, as `named` gave it, out of the book, and its functions away; its history stays."""
    yield from pinned(_uninstall(tracked, gone=True))
    return Installed(tracked["subject_type"], tracked["id"], "forgotten", ())


def _uninstall(tracked: RawRow, *, gone: bool = False) -> Flow[None]:
    yield setting("lock_installers")
    if gone:
        yield from _record_alteration(tracked["id"], None)
    yield from _remove(tracked["id"], tracked["subject_type"])


def _remove(tracked_id: int, subject_type: str) -> Flow[None]:
    rows = yield from fetch(query("attached_triggers", whole, id=tracked_id))
    places = [(row["schema_name"], row["table_name"], row["trigger_name"]) for row in rows]
    reader = yield from reader_by_install(tracked_id)
    # Somebody may have put a trigger of ours on a table that the reader reads for another reason.
    own = [] if reader is None else (yield from fetch(query("own_table", whole, id=tracked_id)))
    readable = [(row["schema_name"], row["table_name"]) for row in own]
    what = {"triggers": places, "reader": reader, "readable": readable, **function_names(tracked_id)}
    seen = {"tracked_id": tracked_id, "subject_type": subject_type, "note": GRANTED, **what}
    yield guard(script(render("guard_uninstall", **seen)))
    yield command(
        "untrack_table", whole, id=tracked_id
    )  # first: it is no alteration to the event trigger then
    yield script(render("uninstall", **what), locks=True)


def named(name: str | None, subject_type: str | None = None) -> Flow[RawRow]:
    """Look up the one audited table that is meant, for what would be wrong to do to another; in a transaction.

    Args:
        name: of the table, or what its records are called.
        subject_type: or what its records are called, and nothing else.

    Returns:
        A row with id and subject_type.

    Raises:
        TableNotTracked: no audit trail is installed on it.
        OptionError: the name means two tables; or both were given, or neither.
    """
    if name is not None and subject_type is None:
        return (yield from _named(name))
    if name is not None or subject_type is None:
        raise OptionError("a table is named by its name or by as_", hint="Give one of the two.")
    found = yield from pinned(fetch(query("tracked_by_subject_type", whole, subject_type=subject_type)))
    if not found:
        raise TableNotTracked(
            f"no audited table's records are called {subject_type!r}",
            hint="See what there is: pgaudit-py status.",
        )
    return {"id": found[0]["id"], "subject_type": subject_type}


def _named(name: str) -> Flow[RawRow]:
    relation = yield from fetch_one(query("find_relation", first, name=name))
    found = yield from pinned(fetch(query("tracked_meant", whole, name=name, oid=relation)))
    if not found:
        raise (yield from _untracked(name))
    if found[0]["by_records"] and len(found) > 1:
        raise _ambiguous(name, *found[:2])
    return found[0]


def _ambiguous(name: str, called: RawRow, itself: RawRow) -> OptionError:
    """Say which two tables a name means, and how to write each; pure."""
    if called["place"]:
        hint = f"Write {called['place']} or {itself['place']}."
    else:
        hint = f"Write {itself['place']} for the second; for the first run `pgaudit-py sync`, or say as_={name!r}."
    return OptionError(
        f"{name!r} means two tables: {called['place'] or 'one that is gone'}, whose records are called so, "
        f"and {itself['place']}, whose records are called {itself['subject_type']!r}",
        hint=hint,
    )


def _untracked(name: str) -> Flow[TableNotTracked]:
    yield from find(name)  # raises where there is no such table
    return TableNotTracked(
        f"no audit trail is installed on {name}", hint=f"Run `pgaudit-py install --table {name}`."
    )


def tracked_name(name: str, *, strict: bool = False) -> Flow[str]:
    """Find what the records of a table are called, by theirs or else by the table's name.

    Args:
        name: as it was written.
        strict: refuse a name that means two tables, as `named` does.
    """
    if strict:
        return str((yield from named(name))["subject_type"])
    tracked = yield from fetch(query("find_tracked", whole, name=name))
    if not tracked:
        raise (yield from _untracked(name))
    return str(tracked[0]["subject_type"])


def tracked_names() -> Statement[str]:
    """Build the statement that lists what the records of audited tables are called."""
    return query("tracked_names", first)


def drop_schema() -> Flow[list[str]]:
    """Remove every trigger, and the schema with all that was recorded."""
    names = yield from fetch(tracked_names())
    for name in names:
        yield from uninstall(None, name)
    yield guard(script(render("guard_drop")))
    yield script("DROP SCHEMA pgaudit_py CASCADE", locks=True)
    return names
