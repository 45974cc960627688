"""How audited tables are, against how they should be; and putting them right."""

from __future__ import annotations

from collections.abc import Iterator

from pgaudit_py.alterations import said
from pgaudit_py.capture import TRIGGERS, proof_in, version_in
from pgaudit_py.errors import PgAuditError
from pgaudit_py.records import Finding, TableStatus
from pgaudit_py.statements import Flow, RawRow, fetch, pinned, query, whole
from pgaudit_py.tables import shape_of
from pgaudit_py.triggers import Installed, forget, install, named
from pgaudit_py.wanted import Wanted, want

STATES = ("orphaned", "missing", "disabled", "modified", "drifted", "outdated", "limited", "installed")
"""From the worst to the best."""


_SYNC = "Run `pgaudit-py sync`."


def needs_sync(one: TableStatus) -> bool:
    """Tell whether something is wrong with a table, or is missing that `sync` can do."""
    return any(finding.is_wrong or finding.fix.startswith(_SYNC) for finding in one.findings)


def statuses(server_major: int) -> Flow[list[TableStatus]]:
    """Look at every audited table; nothing is written. To be run in a transaction."""
    return (yield from pinned(_statuses(server_major)))


def _statuses(server_major: int) -> Flow[list[TableStatus]]:
    found = []
    for row in (yield from fetch(query("status", whole))):
        found.append((yield from _examine(row, server_major)))
    return found


def _examine(row: RawRow, server_major: int) -> Flow[TableStatus]:
    table, wanted, trouble = None, None, None
    rows = [] if row["oid"] is None else (yield from fetch(query("inspect_table", whole, oid=row["oid"])))
    if rows:
        shape = shape_of(rows[0])
        table = row["relation"]
        tracked = yield from fetch(query("tracked_by_relation", whole, oid=shape.oid))
        try:
            wanted = yield from want(shape, {}, server_major, tracked, row["subject_type"])
        except PgAuditError as error:
            trouble = error
    findings = tuple(judge(row, wanted, trouble))
    return TableStatus(
        subject_type=row["subject_type"],
        table=table,
        state=min((one.state for one in findings), key=STATES.index, default="installed"),
        findings=findings,
        key=wanted.shape.key if wanted else (),
        options=row["options"],
        since=row["installed_at"],
        version=version_in(row["comment"]),
    )


def judge(row: RawRow, wanted: Wanted | None, trouble: PgAuditError | None) -> Iterator[Finding]:
    """Say what is not as it should be; pure.

    Args:
        row: a row of queries/status.sql.
        wanted: what the table would be installed with now; None where it is gone, or cannot be.
        trouble: why it cannot be.
    """
    if wanted is None and trouble is None:
        gone = f"{row['schema_name']}.{row['table_name']}"
        yield Finding("orphaned", f"its table {gone} is gone", f"{_SYNC} What was recorded stays.")
        return
    yield from _about_triggers(row)
    yield from _about_relatives(row)
    proof, version = proof_in(row["comment"]), version_in(row["comment"])
    # 0.1.0 carried a proof that cannot be compared; its functions are outdated anyhow.
    if row["triggers"] and (version is None or proof not in {None, row["proof"]}):
        yield Finding("modified", "its capture functions were changed by somebody", _SYNC)
    if trouble:
        yield Finding("drifted", trouble.message, trouble.hint or _SYNC)
    elif wanted and wanted.drifted:
        what = "; ".join(said(wanted.difference)) or "its columns are others than when it was installed"
        yield Finding("drifted", what, _SYNC)
    elif wanted and not wanted.book.resumed and version and proof != wanted.rendered.proof:
        why = f"this version renders what {version} did otherwise"
        if wanted.new_shape:  # alike in all but the relation, or the cluster, that it is of
            why = "its functions were rendered for another table: it came from a dump, or was made anew"
        yield Finding("outdated", why, _SYNC)
    lost = "a TRUNCATE is recorded without its rows"
    if not row["reads"]:
        fix = f"{_SYNC} Where that is not enough, GRANT {row['definer']} the USAGE of its schema."
        yield Finding("limited", f"{lost}: {row['definer']}, who owns the log, may not read the table", fix)
    if not row["sees_all"]:
        fix = f"Give {row['definer']} BYPASSRLS, or leave it so."
        yield Finding(
            "limited", f"{lost}: row security hides some from {row['definer']}, who owns the log", fix
        )


_FIRES = {
    "D": "is disabled",
    "R": "fires only where session_replication_role is replica",
    "O": "does not fire where session_replication_role is replica",
}


def _about_triggers(row: RawRow) -> Iterator[Finding]:
    kinds = {trigger["for_rows"] for trigger in row["triggers"]}
    if True not in kinds:
        yield Finding("missing", "its trigger is gone: changes are not recorded", _SYNC)
    if False not in kinds:
        yield Finding("missing", "its trigger for TRUNCATE is gone: that is not recorded", _SYNC)
    for trigger in row["triggers"]:
        if trigger["enabled"] != "A":
            yield Finding("disabled", f"its trigger {trigger['name']} {_FIRES[trigger['enabled']]}", _SYNC)
        if not trigger["as_made"]:
            detail = f"its trigger {trigger['name']} does not fire for all that it is there for"
            yield Finding("modified", detail, _SYNC)
        if trigger["name"] not in TRIGGERS:
            yield Finding(
                "modified",
                f"its trigger is called {trigger['name']}, and may fire after those of others",
                _SYNC,
            )
    for stray in row["strays"]:
        detail = f"{stray['relation']} has its trigger {stray['name']} too: rows of it are recorded as {row['subject_type']}"
        yield Finding("modified", detail, stray["drop"])


def _about_relatives(row: RawRow) -> Iterator[Finding]:
    """Say which rows are not recorded that a query of the table gives as its own."""
    for partition in row["unwatched"]:
        what = "changes of its partition" if partition["for_rows"] else "a TRUNCATE of its partition"
        yield Finding("missing", f"{what} {partition['relation']} may not be recorded", _SYNC)
    for name in row["departed"]:
        detail = f"{name} is no longer its partition: the log takes the records in it for present ones"
        yield Finding("drifted", detail, _SYNC)
    for heir in row["heirs"]:
        detail = f"rows of {heir}, which inherits from it, are not recorded"
        yield Finding("limited", detail, f"Run `pgaudit-py install --table {heir}`, or leave it so.")


def sync(name: str | None, server_major: int, subject_type: str | None = None) -> Flow[Installed]:
    """Put an audited table right, with the options that it has; to be run in one transaction.

    Args:
        name, subject_type: see `named`.
        server_major: of the server.

    Returns:
        What was done: `updated`, `unchanged`, or `forgotten` where the table is gone.
    """
    tracked = yield from named(name, subject_type)
    known = {one.subject_type: one for one in (yield from statuses(server_major))}
    table = known[tracked["subject_type"]].table
    if table is None:
        return (yield from forget(tracked))
    return (yield from install(table, {}, server_major, tracked["subject_type"]))
