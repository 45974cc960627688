"""How a table is audited: what was asked for, checked against what the table is; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pgaudit_py.errors import OptionError
from pgaudit_py.models import Column, TableShape

SNAPSHOTS = ("changes", "all")
CONTEXTS = ("allow", "require")
MAX_TRUNCATE_ROWS = 2**31 - 1
VALUE_LIMITS = (10_000, 2**28 - 1)
"""A key fits into the least, the greatest is what a jsonb can hold."""
_LISTS = ("exclude", "redact", "key")


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is audited."""

    snapshots: str = "changes"
    """changes: an update keeps what changed; all: the whole row as well."""
    truncate_rows: int = 100_000
    """Up to this many rows, each row of a TRUNCATE is kept."""
    value_limit: int = 8 * 2**20
    """Of a value of more bytes only the length and the SHA-256 are kept."""
    context: str = "allow"
    """require: a write of which nobody said who makes it is refused; allow: it is recorded as it is."""
    exclude: tuple[str, ...] = ()
    """Columns that are never looked at."""
    redact: tuple[str, ...] = ()
    """Columns of which only that they changed is kept; of a jsonb column a path, settings.token."""
    key: tuple[str, ...] = ()
    """The columns that tell records apart; empty for the primary key."""

    @classmethod
    def of(cls, given: Mapping[str, object], before: Mapping[str, object] | None = None) -> Options:
        """Put options together: those given that are not None, else those of the last install, else the defaults."""
        said = {name: value for name, value in given.items() if value is not None}
        known = {name: value for name, value in (before or {}).items() if name in cls.__dataclass_fields__}
        merged = {**known, **said}
        lists = {name: _names(name, merged[name]) for name in _LISTS if name in merged}
        return cls(**{**merged, **lists})  # type: ignore[arg-type]  # checked below

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("snapshots", self.snapshots, SNAPSHOTS),
            ("context", self.context, CONTEXTS),
        ):
            if value not in choices:
                raise OptionError(f"{name} is {value!r}", hint=f"Choose {' or '.join(choices)}.")
        self._check_number("truncate_rows", 0, MAX_TRUNCATE_ROWS)
        self._check_number("value_limit", *VALUE_LIMITS)
        if both := sorted(set(self.exclude) & set(self.redact)):
            raise OptionError(
                f"{both[0]!r} is both excluded and redacted",
                hint="Exclude what is never to be looked at; redact what may be seen to change.",
            )

    def _check_number(self, name: str, least: int, most: int) -> None:
        value = getattr(self, name)
        if type(value) is not int or not least <= value <= most:
            raise OptionError(f"{name} is {value!r}", hint=f"Give a number from {least} to {most}.")


def _names(option: str, value: object) -> tuple[str, ...]:
    """Read names of columns, each once; a text is one name."""
    found = [value] if isinstance(value, str) else value
    if isinstance(found, Iterable) and not isinstance(found, (bytes, Mapping)):
        names = tuple(dict.fromkeys(found))
        if all(isinstance(name, str) and name for name in names):
            return names
    raise OptionError(f"{option} is {value!r}", hint='Give names of columns: ["email"]; [] for none.')


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept of a column's values."""

    excluded: bool = False
    redacted: bool = False
    paths: tuple[tuple[str, ...], ...] = ()

    @property
    def marks(self) -> dict[str, object]:
        """The members that say so in table_shape.columns; see sql/functions/mark_columns.sql."""
        marks = {"excluded": self.excluded, "redacted": self.redacted, "paths": [list(p) for p in self.paths]}
        return {name: value for name, value in marks.items() if value}


def policies(options: Options, shape: TableShape) -> dict[str, Policy]:
    """Say what is kept of each column that is not simply recorded.

    Returns:
        Name of a column to its policy; a column that is recorded as it is is not among them.

    Raises:
        OptionError: a column does not exist, or the option makes no sense for it, with the reason.
    """
    if not shape.columns:
        raise OptionError(
            f"{shape.full_name} has no columns to record", hint="Add one first: ALTER TABLE ... ADD."
        )
    found = {name: Policy(excluded=True) for name in options.exclude if _column(shape, name, "exclude")}
    for name in options.redact:
        parts = _parts(shape, name)
        for column, path in parts:
            before = found.get(column.name, Policy())
            if before.excluded or (path and before.redacted):
                if len(parts) > 1:  # a column has the name of a path: the other one is meant
                    continue
                raise OptionError(f"{name!r} is left out already", hint=f"Leave {name!r} out of redact.")
            paths = (*before.paths, path) if path else ()
            found[column.name] = replace(before, paths=paths, redacted=not path)
    _refuse_leaks(shape, found)
    if len(found) == len(shape.columns) and all(policy.excluded for policy in found.values()):
        raise OptionError(
            f"no column of {shape.full_name} would be recorded",
            hint="Leave some of them in, or audit nothing.",
        )
    return found


def _column(shape: TableShape, name: str, option: str) -> Column:
    for column in shape.columns:
        if column.name == name:
            return column
    raise OptionError(
        f"{shape.full_name} has no column {name!r} to {option}",
        hint=f"Its columns are: {', '.join(column.name for column in shape.columns)}.",
    )


def _parts(shape: TableShape, name: str) -> list[tuple[Column, tuple[str, ...]]]:
    """Read `email`, or `settings.token` for a part of a jsonb column; both, where a column has the name of a path."""
    known = {column.name: column for column in shape.columns}
    found: list[tuple[Column, tuple[str, ...]]] = [(known[name], ())] if name in known else []
    heads = [column for column in known if name.startswith(f"{column}.")]
    if not heads:
        return found or [(_column(shape, name, "redact"), ())]  # which raises
    column = known[max(heads, key=len)]
    path = tuple(name[len(column.name) + 1 :].split("."))
    wrong = _no_path(column, path, name)
    if wrong and not found:
        raise wrong
    return found if wrong else [*found, (column, path)]


def _no_path(column: Column, path: tuple[str, ...], name: str) -> OptionError | None:
    """Say why a path is none; None where it is one."""
    if column.encoding != "jsonb" or not all(path):
        return OptionError(
            f"{name!r} is no part that can be redacted: {column.name} is of type {column.type}",
            hint="Name a whole column, or a path in one of type jsonb: settings.token.",
        )
    if any(step.isdecimal() for step in path):
        return OptionError(
            f"{name!r} names a position, and what is at one changes",
            hint="Name members of objects, which are found in every element of an array; or redact the whole column.",
        )
    return None


def _refuse_leaks(shape: TableShape, found: Mapping[str, Policy]) -> None:
    """Refuse what would be told all the same, by the key or by a column that is generated from it."""
    by_number = {column.number: column.name for column in shape.columns}
    for name in shape.key:
        if name in found:
            option = "excluded" if found[name].excluded else "redacted"
            raise OptionError(
                f"{name!r} is in the key of {shape.full_name}, and cannot be {option}: the log tells records apart by it",
                hint=f"Leave {name!r} in, or choose another key by `key`.",
            )
    for column in shape.columns:
        for source in (by_number.get(number, "") for number in column.generated_from):
            if source in found and column.name not in found:
                option = "exclude" if found[source].excluded else "redact"
                raise OptionError(
                    f"{column.name!r} is generated from {source!r}, and would tell what is left out there",
                    hint=f"Give {column.name!r} to {option} as well.",
                )


def check_key(shape: TableShape, key: tuple[str, ...], *, unique: bool) -> None:
    """Refuse a key that would not tell records apart.

    Args:
        shape: the table.
        key: names of columns.
        unique: whether an index keeps just these columns unique.

    Raises:
        OptionError: a column does not exist or may be NULL, or they are not unique.
    """
    for name in key:
        if not _column(shape, name, "take as a key").not_null:
            raise OptionError(
                f"{name!r} may be NULL, and would then name no record of {shape.full_name}",
                hint=f"Make it NOT NULL first, or choose another key than {', '.join(key)}.",
            )
    if not unique:
        raise OptionError(
            f"two records of {shape.full_name} may have the same {', '.join(key)}",
            hint="Choose the columns of a unique constraint, all of them, or make one first.",
        )


def renamed(
    options: Mapping[str, Any],
    then: Mapping[str, Mapping[str, Any]],
    present: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Say the options of the last install by the names that columns have now; what is gone is left out.

    A column that was dropped and made anew keeps the options of its name; a jsonb whose parts were redacted, and which
    is of another type now, is redacted as a whole.

    Args:
        options: as they were given.
        then, present: the columns as they were then, and as they are; see sql/functions/mark_columns.sql.
    """
    by_number = {description["attnum"]: name for name, description in present.items()}

    known = {description["attnum"] for description in then.values()}

    def today(name: str) -> Iterator[str]:
        for column, description in then.items():
            part = name[len(column) :]
            if name != column and not (
                name.startswith(f"{column}.") and part[1:].split(".") in description.get("paths", ())
            ):
                continue
            # A new column of the name is meant as well, unless it is one that was known.
            new = column if column in present and present[column]["attnum"] not in known else None
            for found in (by_number.get(description["attnum"]), new):
                if found is not None:
                    yield found + (part if present[found]["encoding"] == "jsonb" else "")

    lists = {
        name: [one for column in options.get(name, ()) for one in today(column)]
        for name in ("exclude", "redact")
    }
    key = [by_number.get(then[column]["attnum"]) for column in options.get("key", ()) if column in then]
    complete = None not in key and len(key) == len(options.get("key", ()))
    return {
        **options,
        **{name: list(dict.fromkeys(found)) for name, found in lists.items()},
        "key": key if complete else [],
    }


def refuse_doubt(
    given: Mapping[str, object],
    then: Mapping[str, Mapping[str, Any]],
    present: Mapping[str, Mapping[str, Any]],
) -> None:
    """Refuse to go on with the lists of another relation, where a column of theirs may be another one here.

    Args:
        given: what was asked for.
        then, present: the columns as they were there, and as they are; see sql/functions/mark_columns.sql.

    Raises:
        OptionError: which one was left out cannot be told, and nobody said what to leave out.
    """
    numbers, known = ({one["attnum"] for one in columns.values()} for columns in (present, then))
    doubtful = {name for name, one in present.items() if "doubt" in one}
    if not doubtful or given.get("exclude") is not None or given.get("redact") is not None:
        return
    left_out = [name for name, one in then.items() if not one.keys().isdisjoint(_KEPT)]
    missing = [name for name in left_out if then[name]["attnum"] not in numbers]
    # One that bears its name now may be somebody else.
    doubtful.update(name for name in left_out if name in present and present[name]["attnum"] not in known)
    raise OptionError(
        f"{min(missing or left_out)!r} was left out, and may be {' or '.join(map(repr, sorted(doubtful)))} now: the table "
        "came from a dump, or was made anew",
        hint="Say what is to be left out, by `--exclude` or `--redact` of `pgaudit-py install`; '' for nothing.",
    )


def watched(
    present: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, Policy],
    before: Mapping[str, Mapping[str, Any]] | None,
    *,
    resumed: bool,
    shape_id: int,
) -> dict[str, dict[str, Any]]:
    """Describe the columns of a table as table_shape keeps them; see sql/functions/mark_columns.sql.

    Args:
        present: the columns as they are.
        found: what is kept of them, by name.
        before: the columns of the shape before; None where this is the first.
        resumed: whether the table was not audited for a while.
        shape_id: the number that a new shape gets: since then every change of a column is seen that was not before.
    """
    by_number = {description["attnum"]: description for description in (before or {}).values()}
    columns = {}
    for name, description in present.items():
        marks = found.get(name, Policy()).marks
        was = by_number.get(description["attnum"])
        if was is not None:
            same = {key: was[key] for key in _KEPT if key in was} == marks
            since = was.get("since") if same and not resumed else shape_id
            marks |= {} if since is None else {"since": since}
        known = {key: value for key, value in description.items() if key not in _MARKS}
        columns[name] = {**known, **marks}
    return columns


_KEPT = ("excluded", "redacted", "paths")
"""What is kept of a column, where that is not all."""

_MARKS = (*_KEPT, "since", "doubt")
"""What an install decides; the rest is what the table is."""
