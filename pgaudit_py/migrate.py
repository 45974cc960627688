"""The schema in the database: files against ledger gives a plan; the plan is run in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pgaudit_py._version import __version__
from pgaudit_py.errors import SchemaConflict, SchemaTooNew
from pgaudit_py.ownership import acting_as
from pgaudit_py.render import digest, render
from pgaudit_py.resources import sql_names, sql_text
from pgaudit_py.roles import grant_again, take_back
from pgaudit_py.statements import (
    Flow,
    RawRow,
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
from pgaudit_py.watching import watch_definitions


@dataclass(frozen=True, slots=True)
class Applied:
    """A line of the ledger."""

    checksum: str
    breaking: bool
    library_version: str
    intact: bool = True
    """Whether the function is still as its file made it, as far as can be told."""
    missing: bool = False
    """Whether there is no function of that name at all."""


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Names of the files to run, in this order; both empty where the schema is up to date."""

    migrations: tuple[str, ...]
    functions: tuple[str, ...]
    event_trigger: bool | None = None
    """Whether the event trigger is made (True) or removed (False); None where it stays as it is."""

    def __bool__(self) -> bool:
        return bool(self.migrations or self.functions) or self.event_trigger is not None


def library_files() -> dict[str, str]:
    """Return the checksum of every file that the schema is made of, in the order in which they run."""
    names = sql_names("migrations") + sql_names("functions")
    return {name: digest(sql_text(name)) for name in names}


def plan(files: Mapping[str, str], ledger: Mapping[str, Applied]) -> MigrationPlan:
    """Compare files with the ledger.

    Args:
        files: name to checksum, in order.
        ledger: what the database has run.

    Raises:
        SchemaConflict: a migration that ran has another text now.
        SchemaTooNew: the database ran a migration that this library does not know and cannot live with.
    """
    for name, applied in ledger.items():
        if name.startswith("migrations/"):
            _check(name, applied, files)
    return MigrationPlan(
        migrations=tuple(name for name in files if name.startswith("migrations/") and name not in ledger),
        functions=tuple(
            name
            for name, checksum in files.items()
            if name.startswith("functions/") and not _is_run(ledger.get(name), checksum)
        ),
    )


def _is_run(applied: Applied | None, checksum: str) -> bool:
    return applied is not None and applied.checksum == checksum and applied.intact


def _check(name: str, applied: Applied, files: Mapping[str, str]) -> None:
    if name not in files and applied.breaking:
        raise SchemaTooNew(
            f"the database was migrated by pgaudit-py {applied.library_version}, which this version cannot work with",
            hint=f"Upgrade pgaudit-py to {applied.library_version} or newer.",
        )
    if name in files and files[name] != applied.checksum:
        raise SchemaConflict(
            f"{name} differs from the one that the database ran",
            hint="A released migration never changes: reinstall pgaudit-py.",
        )


def ledger() -> Flow[dict[str, Applied]]:
    """Read the ledger; empty where there is no schema yet."""
    if not (yield from fetch_one(query("ledger_exists", first))):
        return {}
    rows = yield from fetch(query("ledger", whole))
    edited = yield from _edited()
    return {row["name"]: _applied(row, edited) for row in rows}


def _edited() -> Flow[dict[str, bool]]:
    """Name the functions that somebody changed, as the ledger does, and say of each whether it is gone."""
    if not (yield from fetch_one(query("edited_functions_exist", first))):
        return {"functions/edited_functions.sql": True}
    rows = yield from fetch(query("edited_functions", whole))
    return {row["name"]: row["is_missing"] for row in rows}


def _applied(row: RawRow, edited: Mapping[str, bool]) -> Applied:
    name = row["name"]
    return Applied(
        row["checksum"],
        row["breaking"],
        row["library_version"],
        intact=name.startswith("migrations/") or (row["proven"] and name not in edited),
        missing=edited.get(name, False),
    )


def ledger_digest(known: Mapping[str, Applied]) -> str | None:
    """Sum up a ledger, as templates/sql/guard_schema.sql.j2 does; None for an empty one; pure."""
    lines = [f"{name} {applied.checksum}" for name, applied in sorted(known.items())]
    return digest("\n".join(lines)) if lines else None


def pending() -> Flow[MigrationPlan]:
    """Tell what `migrate` would run; nothing is written."""
    return plan(library_files(), (yield from ledger()))


def migrate(owner: str | None = None, event_trigger: bool | None = None) -> Flow[MigrationPlan]:
    """Bring the schema up to date; to be run in one transaction.

    Args:
        owner: the role that it belongs to, or is to belong to; None for the current one.
        event_trigger: whether one is to watch the tables; None to leave it as it is.

    Returns:
        What was run.
    """
    return (yield from pinned(_locked(owner, event_trigger)))


def _locked(owner: str | None, event_trigger: bool | None) -> Flow[MigrationPlan]:
    yield setting("lock_installers")
    done = yield from _migrate() if owner is None else acting_as(owner, _migrate())
    if event_trigger is None:
        return done
    # By whoever is connected, not by the owner of the schema: it takes a superuser.
    changed = yield from watch_definitions(wanted=event_trigger)
    return replace(done, event_trigger=event_trigger if changed else None)


def _migrate() -> Flow[MigrationPlan]:
    state = yield from fetch_one(query("schema_state", whole))
    refuse_foreign(state)
    return (yield from _update(state["role"]))


def refuse_foreign(state: RawRow) -> None:
    """Refuse a schema that belongs to somebody else, or was not made by this library.

    What its owner put into it would run with our rights, and what we put into it would have two owners.

    Raises:
        SchemaConflict: so it is.
    """
    owner = state["owner"]
    if owner is None:
        return
    if not state["owned"]:
        raise SchemaConflict(
            f"schema pgaudit_py belongs to {owner}",
            hint=f"Connect as {owner}; or name it, where you may act as that role and trust it: --owner {owner}.",
        )
    if not (state["migrated"] or state["empty"]):
        raise SchemaConflict(
            "there is a schema pgaudit_py already, which was not made by this library",
            hint="Drop it, or rename it.",
        )


def _update(role: str) -> Flow[MigrationPlan]:
    files = library_files()
    known = yield from ledger()
    todo = plan(files, known)
    before = yield from fetch_one(query("schema_objects", first))
    if todo:
        # Run by somebody else, what is new would belong to them: even a superuser's CREATE makes it so.
        yield guard(script(render("guard_schema", ledger=ledger_digest(known), role=role)))
        granted = yield from take_back()
        # Functions call one another: their bodies can be checked once all of them are there.
        yield script("SET LOCAL check_function_bodies = off")
        yield from _run(todo.migrations + todo.functions, files)
        yield script("SET LOCAL check_function_bodies = on")
        yield command("note_proofs", whole, names=list(todo.functions))
    after = yield from fetch_one(query("schema_objects", first))
    # What was dropped and made anew, under the same name, is new as well.
    if made := sorted(name for name, oid in after.items() if before.get(name) != oid):
        yield command("revoke_from_others", whole, objects=made)
    if todo:
        yield from grant_again(granted)
    # Months go by without a migration: that is not worth a script.
    yield (command if todo else query)("ensure_partitions", whole)
    return todo


def _run(names: Iterable[str], files: Mapping[str, str]) -> Flow[None]:
    for name in names:
        # Only comments hold more than ASCII, and their characters are not in every database's encoding.
        yield script(sql_text(name).replace("…", "...").encode("ascii", "replace").decode())
        yield command("record_migration", whole, name=name, checksum=files[name], library_version=__version__)
