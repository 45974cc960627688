"""What weakens the audit trail: in the schema, in the tables, in the rights of who looks, and on the way there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pgaudit_py._version import __version__
from pgaudit_py.driving import Link
from pgaudit_py.errors import PgAuditError
from pgaudit_py.figures import LogFigures
from pgaudit_py.migrate import Applied, MigrationPlan, ledger, library_files, plan
from pgaudit_py.records import Finding
from pgaudit_py.statements import Flow, RawRow, fetch, fetch_one, first, pinned, query, whole
from pgaudit_py.status import statuses

TESTED = range(15, 19)
"""The major versions of PostgreSQL that this library is tested with."""
_MIGRATE = "Run `pgaudit-py migrate`."


def diagnose(link: Link) -> Flow[list[Finding]]:
    """Look everywhere; nothing is written. To be run in a transaction.

    Returns:
        What was found, the worst first.
    """
    found = list(judge_server(link.server_major))
    if link.server_major < TESTED.start:
        return found
    found += judge_way(link, (yield from fetch_one(query("backend", first))))
    found += yield from _look(link.server_major)
    return sorted(found, key=lambda one: _ORDER.get(one.state, 0))


_ORDER = {"limited": 1, "note": 2}


def _look(server_major: int) -> Flow[list[Finding]]:
    """Look at the schema, and at all that is in it, as far as what looks is there."""
    known = yield from ledger()
    try:
        todo = plan(library_files(), known)
    except PgAuditError as error:  # newer than this library, or not what it was
        return [Finding("wrong", error.message, error.hint or "", "pgaudit_py")]
    found = yield from fetch(query("lost_view", _finding))
    found += judge_schema(todo, known)
    if todo.migrations or any(known[name].missing if name in known else True for name in todo.functions):
        rights = yield from pinned(fetch_one(query("may_migrate", whole)))
        return [*found, *who_may_not_migrate(rights)]
    found += yield from fetch(query("doctor", _finding))
    for table in (yield from statuses(server_major)):
        found += [replace(one, about=table.subject_type) for one in table.findings]
    return found


def figures() -> Flow[LogFigures]:
    """Measure the log; see `Audit.log_figures`."""
    return (yield from fetch_one(query("log_figures", lambda row: LogFigures(**row))))


def _finding(row: RawRow) -> Finding:
    return Finding(state=row["state"], detail=row["detail"], fix=row["fix"], about=row["about"])


def judge_server(major: int) -> Iterator[Finding]:
    """Say whether this library knows a server; pure.

    Args:
        major: its major version.
    """
    about, known = f"PostgreSQL {major}", f"{TESTED.start} to {TESTED.stop - 1}"
    if major < TESTED.start:
        yield Finding(
            "wrong", f"it is too old for pgaudit-py, which needs {known}", "Upgrade the server.", about
        )
    elif major not in TESTED:
        fix = "Upgrade pgaudit-py: `pip install --upgrade pgaudit-py`."
        yield Finding("note", f"pgaudit-py {__version__} was tested with {known} only", fix, about)


def judge_way(link: Link, backend: int) -> Iterator[Finding]:
    """Say what lies between this connection and the server; pure.

    Args:
        link: the connection.
        backend: the process of the server that answers.
    """
    if link.backend_pid == backend:
        return
    detail = "it goes through a pooler: what is set for a session may reach whoever comes next"
    fix = "Bind who is acting by set_actor or AuditConnection, which end with the transaction; never by SET."
    yield Finding("note", detail, fix, "this connection")
    if link.prepares:
        detail = (
            "it prepares statements, which a pooler that is not told to keep them mixes up between clients"
        )
        fix = "Connect with prepare_threshold=None, unless the pooler keeps them (max_prepared_statements)."
        yield Finding("note", detail, fix, "this connection")


def judge_schema(todo: MigrationPlan, known: Mapping[str, Applied]) -> Iterator[Finding]:
    """Say how the schema stands to this library; pure.

    Args:
        todo: what `migrate` would run.
        known: the ledger; functions of it that somebody changed are told by the database, unless they are gone.
    """
    newer = max((one.library_version for one in known.values()), key=_number, default=__version__)
    behind = [name for name in (*todo.migrations, *todo.functions) if name not in known or known[name].intact]
    if _number(newer) > _number(__version__):
        fix = f"Upgrade pgaudit-py to {newer} or newer; do not run migrate by this one, which would take it back."
        yield Finding("wrong", f"pgaudit-py {newer} made it, and this is {__version__}", fix, "pgaudit_py")
    elif behind:
        files = "1 file" if len(behind) == 1 else f"{len(behind)} files"
        yield Finding("wrong", f"it is {files} behind this library", _MIGRATE, "pgaudit_py")
    for name in todo.functions:
        if name in known and known[name].missing:
            about = f"pgaudit_py.{name.removeprefix('functions/').removesuffix('.sql')}"
            yield Finding("wrong", "it is gone", _MIGRATE, about)


def _number(version: str) -> tuple[int, ...]:
    """Read a version to compare it: (0, 2, 0)."""
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


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
