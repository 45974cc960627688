"""What the catalog says about a table, and whether it can be audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from pgaudit_py.errors import PgAuditError, PrivilegeMissing, TableNotAuditable, TableNotFound
from pgaudit_py.models import Column, TableShape
from pgaudit_py.statements import Flow, RawRow, fetch, fetch_one, first, pinned, query, setting, whole

_KINDS = {
    "v": ("a view", "Audit the tables that it reads from."),
    "m": ("a materialized view", "Audit the tables that it reads from."),
    "f": ("a foreign table", "Audit the table on the server that holds it."),
    "S": ("a sequence", "Audit the table that it belongs to."),
    "i": ("an index", "Audit its table."),
    "c": ("a composite type", "Audit a table."),
}
_PERSISTENCE = {
    "t": ("a temporary table", "It ends with its session, and so would its triggers. Audit a permanent one."),
}
_AGAIN = "Try again if it was made anew."


def find(name: str) -> Flow[int]:
    """Look up a relation by the name that a person wrote, through the search_path that is in force.

    Args:
        name: as in SQL, posts, shop.posts, "Tab.le"; or as it is called, Tab.le.

    Returns:
        Its oid.

    Raises:
        TableNotFound: nothing has this name.
    """
    oid = yield from fetch_one(query("find_relation", first, name=name))
    if oid is None:
        raise TableNotFound(
            f"there is no table {name!r}",
            hint="Write the name as in SQL, with its schema where that is not in the search_path: shop.posts.",
        )
    return int(oid)


def inspect(name: str, oid: int) -> Flow[RawRow]:
    """Look at a relation, and hold it against ALTER and DROP until the transaction ends.

    Args:
        name: what to call it in errors.
        oid: as `find` gave it.

    Returns:
        A row of pgaudit_py.inspect_table().

    Raises:
        TableNotFound: it was dropped meanwhile.
        TableNotAuditable, PrivilegeMissing: see `refuse_unsuitable`.
    """
    row = yield from _look(name, oid)
    refuse_unsuitable(row)
    yield setting("hold_table", oid=oid)
    return (yield from _look(name, oid))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table that could be audited, or the reason why not."""

    name: str
    """As in SQL, with its schema: shop.items."""
    columns: tuple[str, ...]
    audited: bool
    why_not: str | None


def find_tables(patterns: Sequence[str], schema: str | None) -> Flow[list[Candidate]]:
    """List the tables of a database; see `Audit.find_tables`."""
    rows = yield from pinned(fetch(query("tables", whole)))
    return [_candidate(row) for row in rows if matches(row, patterns, schema)]


def full_name(name: str) -> Flow[str]:
    """Name a table as in SQL, with its schema; see `Audit.full_name`."""
    relation = yield from find(name)
    found = yield from pinned(fetch(query("full_name", first, oid=relation)))
    if not found:
        raise TableNotFound(f"table {name} was dropped meanwhile", hint=_AGAIN)
    return str(found[0])


def column_names(name: str) -> Flow[list[str]]:
    """List the columns of a table, in their order; see `Audit.columns`."""
    relation = yield from find(name)
    return (yield from pinned(fetch(query("column_names", first, oid=relation))))


def matches(row: RawRow, patterns: Sequence[str], schema: str | None) -> bool:
    """Tell whether a table is meant; pure. A pattern without a dot stands for the table's own name."""
    if schema is not None and row["schema_name"] != schema:
        return False
    full = f"{row['schema_name']}.{row['table_name']}"
    return not patterns or any(
        fnmatchcase(full if "." in pattern else row["table_name"], pattern) for pattern in patterns
    )


def _candidate(row: RawRow) -> Candidate:
    try:
        refuse_unsuitable(row)
    except PgAuditError as error:
        why_not: str | None = error.message
    else:
        full, schema = f"{row['schema_name']}.{row['table_name']}", row["schema_name"]
        why_not = None if row["enters"] else f"{full} is in schema {schema}, which this role may not use"
    return Candidate(row["name"], tuple(row["columns"]), row["audited"], why_not)


def _look(name: str, oid: int) -> Flow[RawRow]:
    rows = yield from fetch(query("inspect_table", whole, oid=oid))
    if not rows:
        raise TableNotFound(f"table {name} was dropped meanwhile", hint=_AGAIN)
    return rows[0]


def refuse_unsuitable(row: RawRow) -> None:
    """Say why a relation cannot be audited, if it cannot.

    Raises:
        TableNotAuditable: it is no table, a partition, or a table of the system's or of this library's.
        PrivilegeMissing: the connected role does not own it.
    """
    name = f"{row['schema_name']}.{row['table_name']}"
    if row["schema_name"] == "pgaudit_py":
        raise TableNotAuditable(f"{name} is part of the audit trail itself", hint="Audit your own tables.")
    if row["is_system"]:
        raise TableNotAuditable(f"{name} is a system table", hint="Audit your own tables.")
    what = _KINDS.get(row["kind"]) or _PERSISTENCE.get(row["persistence"])
    if what is None and row["root"]:
        root = row["root"]
        what = (f"a partition of {root}", f"Audit {root}: its partitions are recorded as one table with it.")
    if what is None and row["audited_below"]:
        below = row["audited_below"]
        what = (
            f"partitioned, and its partition {below} is audited on its own",
            f"Run `pgaudit-py uninstall --table {below}` first; what was recorded stays.",
        )
    if what:
        raise TableNotAuditable(f"{name} is {what[0]}", hint=what[1])
    if not row["owned"]:
        raise PrivilegeMissing(
            f"{name} belongs to {row['owner']}, and only its owner may add triggers",
            hint=f"Connect as {row['owner']}, or as a member of that role.",
        )
    if row["not_owned"]:
        raise PrivilegeMissing(
            f"{row['not_owned']}, a partition of {name}, belongs to somebody else, and only its owner may add triggers",
            hint="Connect as a member of the roles that own the table and its partitions.",
        )


def shape_of(row: RawRow) -> TableShape:
    """Make a TableShape of a row of pgaudit_py.inspect_table()."""
    return TableShape(
        oid=row["oid"],
        schema_name=row["schema_name"],
        table_name=row["table_name"],
        columns=tuple(_column(column) for column in row["columns"]),
        key=tuple(row["key"]),
        fingerprint=row["fingerprint"],
        definer=row["definer"],
        owner=row["owner"],
        partitioned=row["kind"] == "p",
        partitions=tuple((schema, name) for schema, name in row["partitions"]),
    )


def _column(row: Mapping[str, Any]) -> Column:
    lists = {name: tuple(row[name]) for name in ("settings", "text_settings", "generated_from")}
    return Column(**{**row, **lists})
