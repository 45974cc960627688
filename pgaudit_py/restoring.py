"""Put a record back: a plan first, then one row written under lock, and the result compared with the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

from pgaudit_py.errors import RestoreConflict, RestoreImpossible
from pgaudit_py.records import RestorePlan
from pgaudit_py.render import ident, render
from pgaudit_py.statements import Flow, RawRow, command, fetch_one, first, query, script, whole
from pgaudit_py.subjects import Key, aware, key_texts, number


def plan_version(version_id: int) -> Flow[RestorePlan]:
    """Plan to restore a record to one of its versions; see `Audit.plan_restore`."""
    row = yield from fetch_one(query("restore_to_version", whole, version=number("version", version_id)))
    return RestorePlan.of(row, (yield from _warnings(row)))


def plan_time(subject_type: str, key: Key, at: datetime) -> Flow[RestorePlan]:
    """Plan to restore a record to a time; see `Audit.plan_restore`."""
    texts = key_texts(key)
    row = yield from fetch_one(
        query("restore_to_time", whole, subject_type=subject_type, key=texts, at=aware(at))
    )
    return RestorePlan.of(row, (yield from _warnings(row)), texts, at)


def _warnings(row: RawRow) -> Flow[list[str]]:
    """Say whose code the restore would run with the rights of whoever restores."""
    names = {name: row[name] for name in ("schema_name", "table_name")}
    return list((yield from fetch_one(query("restore_warnings", first, **names))))


def apply(plan: RestorePlan) -> Flow[RestorePlan]:
    """Do what a plan says; to be run in a savepoint.

    Returns:
        The plan as it was carried out; `differs` names what the table's own triggers made otherwise.

    Raises:
        RestoreConflict: something stands in the way, or the record changed since the plan was made.
        RestoreImpossible: a trigger, a rule or a policy of the table stopped the write.
    """
    place: RawRow = {"partitioned": False, "leaf": None, "address": None}
    if plan.current is not None:
        place = yield from _lock(plan)
    now = yield from _replan(plan)
    refuse_conflict(plan, now)
    if now.operation == "none":
        return now
    yield from _write(now, place)
    # Whatever changes a row puts it somewhere else.
    if now.operation == "update" and (yield from _lock(now)) == place:
        raise _stopped(now)
    return (yield from _compare(now))


def _lock(plan: RestorePlan) -> Flow[RawRow]:
    """Hold the row that has the record's key of now, and say where it is."""
    locking = command("lock_row", whole, subject_type=plan.subject_type, current_id=plan.current_id)
    return (yield from fetch_one(locking))


def _stopped(plan: RestorePlan) -> RestoreImpossible:
    return RestoreImpossible(
        f"the {plan.operation} of {plan.subject_type} had no effect: a trigger, a rule or a policy of the table stops it",
        hint="Restore as a role that may write the row; nothing was changed.",
    )


def _replan(plan: RestorePlan) -> Flow[RestorePlan]:
    """Make the same plan again, on what is there now."""
    if plan.asked_at is not None:
        return (yield from plan_time(plan.subject_type, list(plan.asked_key or ()), plan.asked_at))
    return (yield from plan_version(plan.base or 0))


def refuse_conflict(plan: RestorePlan, now: RestorePlan) -> None:
    """Compare a plan with the one made again under lock; pure.

    Raises:
        RestoreConflict: the record changed since, or something else stands in the way.
    """
    name = f"{plan.subject_type}:{plan.current_id}" if plan.current_id else plan.subject_type
    if now.conflict:
        raise RestoreConflict(f"{name} cannot be restored: {now.conflict}", hint="Move that record first.")
    if now.proof != plan.proof:
        raise RestoreConflict(
            f"{name} changed since the restore was planned",
            hint="Plan again, and look at what it would do now.",
        )


def _write(plan: RestorePlan, place: RawRow) -> Flow[None]:
    """Write the row, marked as restored; the actor stays who it is."""
    marks: dict[str, object] = {"_restored_from": plan.base}
    if plan.asked_at is not None:
        marks["_restored_to"] = plan.asked_at.isoformat()
    before = yield from fetch_one(command("bind_restore", first, marks=json.dumps(marks)))
    yield script(render("restore", plan=plan, wanted=plan.wanted_text, place=place))
    yield command("unbind_restore", whole, before=before)
    if plan.operation == "insert":
        relation = str(ident((plan.schema_name, plan.table_name)))
        yield command("advance_sequences", whole, relation=relation, state=plan.wanted_text)


def _compare(done: RestorePlan) -> Flow[RestorePlan]:
    """Look at the row again: a trigger or a rule of the application may have written something else."""
    statement = query(
        "restored_otherwise",
        first,
        subject_type=done.subject_type,
        wanted=done.wanted_text,
        columns=list(done.columns),
        key=list(done.key),
        current_id=done.current_id,
    )
    differs = (yield from fetch_one(statement)) or []
    if differs == ["*"]:
        raise _stopped(done)
    return replace(done, differs=tuple(differs))
