"""What weakens the audit trail: in the schema, in the tables, in the rights of who looks."""

from __future__ import annotations

from dataclasses import replace

from pgaudit_py.migrate import pending
from pgaudit_py.records import Finding
from pgaudit_py.statements import Flow, RawRow, fetch, query
from pgaudit_py.status import statuses


def diagnose(server_major: int) -> Flow[list[Finding]]:
    """Look everywhere; nothing is written. To be run in a transaction."""
    todo = yield from pending()
    if todo.migrations:  # what looks further may be missing
        return [_behind(len(todo.migrations) + len(todo.functions))]
    found = [_behind(len(todo.functions))] if todo else []
    found += yield from fetch(query("doctor", _finding))
    for table in (yield from statuses(server_major)):
        found += [replace(one, about=table.subject_type) for one in table.findings]
    return found


def _finding(row: RawRow) -> Finding:
    return Finding(state=row["state"], detail=row["detail"], fix=row["fix"], about=row["about"])


def _behind(number: int) -> Finding:
    files = "1 file" if number == 1 else f"{number} files"
    return Finding("wrong", f"it is {files} behind this library", "Run `pgaudit-py migrate`.", "pgaudit_py")
