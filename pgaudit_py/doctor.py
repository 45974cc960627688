"""What weakens the audit trail: in the schema, in the tables, in the rights of who looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pgaudit_py.migrate import pending
from pgaudit_py.records import Finding
from pgaudit_py.statements import Flow, RawRow, fetch, fetch_one, pinned, query, whole
from pgaudit_py.status import statuses


def diagnose(server_major: int) -> Flow[list[Finding]]:
    """Look everywhere; nothing is written. To be run in a transaction."""
    todo = yield from pending()
    if todo.migrations:  # what looks further may be missing
        rights = yield from pinned(fetch_one(query("may_migrate", whole)))
        return [_behind(len(todo.migrations) + len(todo.functions)), *who_may_not_migrate(rights)]
    found = [_behind(len(todo.functions))] if todo else []
    found += yield from fetch(query("doctor", _finding))
    for table in (yield from statuses(server_major)):
        found += [replace(one, about=table.subject_type) for one in table.findings]
    return found


def _finding(row: RawRow) -> Finding:
    return Finding(state=row["state"], detail=row["detail"], fix=row["fix"], about=row["about"])


def who_may_not_migrate(rights: RawRow) -> Iterator[Finding]:
    """Say what keeps one from making the schema, or from bringing it up to date; pure.

    Args:
        rights: the row of queries/may_migrate.sql.
    """
    me, owner = rights["role"], rights["owner"]
    if owner is None and not rights["creates"]:
        fix = f"Have the owner of the database run {rights['grant']}; or `pgaudit-py migrate`."
        detail = f"{me} may not make the schema in database {rights['database']}"
    elif owner is not None and not rights["owned"]:
        other = f"Connect as {owner}; or name it, where you trust it: --owner {owner}."
        fix = other if rights["member"] else f"Connect as {owner} for migrate and install."
        detail = f"{me} may not migrate: the schema belongs to {owner}"
    else:
        return
    yield Finding("limited", detail, fix, "pgaudit_py")


def _behind(number: int) -> Finding:
    files = "1 file" if number == 1 else f"{number} files"
    return Finding("wrong", f"it is {files} behind this library", "Run `pgaudit-py migrate`.", "pgaudit_py")
