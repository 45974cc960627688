"""What a table is to be installed with: what was asked for, on what the book says and the table is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from pgaudit_py.capture import Rendered, render_capture
from pgaudit_py.errors import OptionError, SubjectTypeTaken
from pgaudit_py.models import TableShape
from pgaudit_py.options import Options, Policy, check_key, policies, refuse_doubt, renamed, watched
from pgaudit_py.statements import Flow, RawRow, Statement, command, fetch, fetch_one, first, query, whole


@dataclass(frozen=True, slots=True)
class Book:
    """What the book says of a table: its number, its name in the log, and what it was installed with."""

    id: int
    subject_type: str
    options: Mapping[str, Any]
    resumed: bool
    """Whether writes were missed since."""
    present: bool
    """Whether it has a line."""
    removed_at: float | None = None
    """When it was uninstalled, in seconds since 1970; None where it was not, or has lost its triggers at a time that nobody knows."""
    place: tuple[str, str] | None = None
    """Schema and name of the table as of the last install; None where that does not matter."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table is to be installed with."""

    shape: TableShape
    book: Book
    options: Options
    new_shape: Mapping[str, Any] | None
    """What to add to table_shape; None where nothing changed since the newest one."""
    drifted: bool
    """Whether the table is another one than it was installed with, or is watched otherwise."""
    difference: Mapping[str, Any]
    """How the table differs from what it was then; see `alterations.said`."""
    rendered: Rendered


def want(
    shape: TableShape,
    given: Mapping[str, object],
    server_major: int,
    tracked: Sequence[RawRow],
    subject_type: str | None = None,
    carried: RawRow | None = None,
) -> Flow[Wanted]:
    """Work out what a table would be installed with; nothing is written.

    Args:
        shape: the table.
        given, server_major, subject_type: see `install`.
        tracked: its triggers as they are, by tracked_by_relation.
        carried: the line under which it was audited up to now, whose options go on under another name.
    """
    book = yield from _book(shape, subject_type, tracked)
    books = yield from fetch_one(query("shapes", whole, oid=shape.oid, tracked_table_id=book.id))
    before, said = books, book.options
    if not book.present and not carried:
        left = yield from fetch(
            query(
                "left_behind",
                whole,
                oid=shape.oid,
                schema_name=shape.schema_name,
                table_name=shape.table_name,
            )
        )
        carried = {**left[0], "options": _discretion(left[0]["options"])} if left else None
    if carried:
        before = yield from fetch_one(query("shapes", whole, oid=shape.oid, tracked_table_id=carried["id"]))
        said = carried["options"]
    if before["elsewhere"]:
        refuse_doubt(given, before["columns"], before["present"])
    options = Options.of(given, renamed(said, before["columns"] or {}, before["present"]))
    asked = given.get("key") is not None
    if carried and options.key and not asked:
        # What was chosen goes on as if it were asked for again; what tells no records apart any more held up the old name alone.
        asked = yield from _is_key(shape, options.key)
        options = options if asked else replace(options, key=())
    shape = yield from _with_key(shape, options, books, asked=asked)
    kept = policies(options, shape)
    shape_id, columns, new_shape = _shape(shape, book, books, kept)
    rendered = render_capture(
        shape,
        book.subject_type,
        options,
        kept,
        columns,
        tracked_id=book.id,
        shape_id=shape_id,
        cluster=_cluster(shape, books),
        server_major=server_major,
    )
    drifted = bool(new_shape) and not _same(books, new_shape)
    return Wanted(shape, book, options, new_shape, drifted, _difference(shape, books), rendered)


def _difference(shape: TableShape, books: RawRow) -> dict[str, Any]:
    """Tell how columns and key differ from those of the last shape."""
    key = {} if _same_key(shape, books) else {"key": [books["key"], list(shape.key)]}
    return {**books["difference"], **key}


def _book(shape: TableShape, subject_type: str | None, tracked: Sequence[RawRow]) -> Flow[Book]:
    """Look up the line of a table, or the number of a new one."""
    if tracked:
        row = tracked[0]
        fired = any(one["for_rows"] and one["as_made"] and one["enabled"] in "AO" for one in tracked)
        place = (row["schema_name"], row["table_name"])
        return Book(
            row["id"], row["subject_type"], row["options"], resumed=not fired, present=True, place=place
        )
    name = subject_type or shape.subject_type
    taken = yield from fetch(query("tracked_by_subject_type", whole, subject_type=name))
    if taken and taken[0]["relation"] is not None:
        raise SubjectTypeTaken(
            f"records of {taken[0]['relation']} are called {name!r} already",
            hint="Choose another name by `--as NAME` (`as_`), or uninstall the other table first.",
        )
    if taken:  # its triggers or its table are gone: a table of the same name goes on
        row = taken[0]
        same = (row["schema_name"], row["table_name"]) == (shape.schema_name, shape.table_name)
        options = row["options"] if same else _discretion(row["options"])
        return Book(row["id"], name, options, resumed=True, present=True)
    ids = yield from fetch_one(query("tracked_ids", whole, subject_type=name))
    if ids["removed"] is None:
        return Book(ids["next_id"], name, {}, resumed=False, present=False)
    return Book(
        ids["removed"],
        name,
        _discretion(ids["options"]),
        resumed=True,
        present=True,
        removed_at=ids["removed_at"],
    )


def _discretion(options: Mapping[str, Any]) -> dict[str, Any]:
    """Take over from an install that ended what the log of this name is not to be told."""
    return {name: options[name] for name in ("exclude", "redact") if options.get(name)}


def _with_key(shape: TableShape, options: Options, books: RawRow, *, asked: bool) -> Flow[TableShape]:
    """Put the key that was chosen, or that the log goes by already, in the place of the primary key.

    Raises:
        OptionError: it is none, or another one than the records of the log are told apart by.
    """
    if options.key:
        unique = yield from fetch_one(query("key_index", first, oid=shape.oid, key=list(options.key)))
        check_key(shape, options.key, unique=unique)
        now = replace(shape, key=options.key)
        if asked and not _same_key(now, books):
            raise _another_key(shape, books)
        return now
    if not shape.key or not books["key"] or _same_key(shape, books):
        return shape
    # The table got another primary key: what was the key before serves as long as it is one.
    names = {description["attnum"]: name for name, description in books["present"].items()}
    found = [names.get(books["columns"][name]["attnum"]) for name in books["key"]]
    by_name = {column.name: column for column in shape.columns}
    before = tuple(name for name in found if name is not None and by_name[name].not_null)
    unique = yield from fetch_one(query("key_index", first, oid=shape.oid, key=list(before)))
    if not unique or len(before) != len(found):
        raise _another_key(shape, books)
    return replace(shape, key=before)


def _is_key(shape: TableShape, key: Sequence[str]) -> Flow[bool]:
    """Tell whether these columns would tell records apart; see `check_key`, which refuses where they would not."""
    unique = yield from fetch_one(query("key_index", first, oid=shape.oid, key=list(key)))
    not_null = {column.name for column in shape.columns if column.not_null}
    return bool(unique) and not_null.issuperset(key)


def _same_key(shape: TableShape, books: RawRow) -> bool:
    """Tell whether a table has the key of its last shape, whatever its columns are called now."""
    then = [books["columns"][name]["attnum"] for name in books["key"] or ()]
    now = [books["present"][name]["attnum"] for name in shape.key]
    anew = list(shape.key) == books["key"] and not set(then) & {
        one["attnum"] for one in books["present"].values()
    }
    return not books["id"] or then == now or anew  # anew: dropped, and made again under its name


def _another_key(shape: TableShape, books: RawRow) -> OptionError:
    return OptionError(
        f"the log tells the records of {shape.full_name} apart by {', '.join(books['key']) or 'nothing'}",
        hint="Give them another name besides, by `--as NAME` (`as_`): a new history begins under it.",
    )


def is_news(wanted: Wanted) -> bool:
    """Tell whether the book says something else."""
    book, place = wanted.book, (wanted.shape.schema_name, wanted.shape.table_name)
    return (
        not book.present
        or book.resumed
        or book.place != place
        or Options.of({}, book.options) != wanted.options
        or set(book.options) != set(asdict(wanted.options))
    )


def note(wanted: Wanted) -> Statement[Any]:
    """Write the line in the book."""
    said = {
        "id": wanted.book.id,
        "schema_name": wanted.shape.schema_name,
        "table_name": wanted.shape.table_name,
        "options": json.dumps(asdict(wanted.options)),
    }
    if wanted.book.present:
        return command("retrack_table", whole, resumed=wanted.book.resumed, **said)
    return command("track_table", whole, subject_type=wanted.book.subject_type, **said)


def _shape(
    shape: TableShape, book: Book, books: RawRow, kept: Mapping[str, Policy]
) -> tuple[int, Mapping[str, Any], Mapping[str, Any] | None]:
    """Tell number and columns of the shape that values are written under from now on, and what to add where it is new."""
    columns = watched(
        books["present"], kept, books["columns"], resumed=book.resumed, shape_id=books["next_id"]
    )
    wanted = {
        "columns": columns,
        "key": list(shape.key),
        "fingerprint": shape.fingerprint,
        "relation": shape.oid,
        "cluster": _cluster(shape, books),
    }
    if all(books[name] == value for name, value in wanted.items()):
        return int(books["id"]), columns, None
    said = {
        "id": books["next_id"],
        "tracked_table_id": book.id,
        "unseen_from": book.removed_at,
        **wanted,
        "columns": json.dumps(columns),
    }
    return int(books["next_id"]), columns, said


def _cluster(shape: TableShape, books: RawRow) -> int | None:
    """Tell which cluster the table is in: as noted before, where this role may not know."""
    noted = books["cluster"] if books["relation"] == shape.oid else None
    return books["here"] if books["here"] is not None else noted


def _same(books: RawRow, wanted: Mapping[str, Any] | None) -> bool:
    """Tell whether two shapes differ at most in since when they hold, and in which relation that is: a dump is no drift."""

    def bare(columns: Mapping[str, Mapping[str, Any]] | None) -> dict[str, dict[str, Any]]:
        return {
            name: {key: value for key, value in description.items() if key not in {"since", "shift"}}
            for name, description in (columns or {}).items()
        }

    return (
        wanted is not None
        and bare(books["columns"]) == bare(json.loads(wanted["columns"]))
        and books["key"] == wanted["key"]
        and books["fingerprint"] in {None, wanted["fingerprint"]}  # 0.1.0 kept none
    )
