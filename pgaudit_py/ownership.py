"""The role that the schema belongs to: made where it is missing, acted as where one may; and what it may read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pgaudit_py.errors import OptionError, PrivilegeMissing, SchemaConflict
from pgaudit_py.render import render
from pgaudit_py.statements import (
    Flow,
    Kind,
    RawRow,
    Result,
    Statement,
    fetch,
    fetch_one,
    first,
    guard,
    query,
    script,
    whole,
)

GRANTED = "pgaudit-py: install let the owner of the log read the table"
"""The comment on a table's function for TRUNCATE, by which an uninstall knows that it has a grant to take back."""


def acting_as(owner: str, flow: Flow[Result]) -> Flow[Result]:
    """Run a flow as the owner of the schema, and go on as before.

    It keeps what is made in one hand. It does not keep the owner's code from having the caller's rights: RESET ROLE is
    open to it. So nobody's schema is acted in whose owner was not named by the caller.

    Args:
        owner: made, with the schema, where it is missing.
        flow: under the pinned search_path, in a transaction.
    """
    yield from _prepare(owner)
    before = yield from fetch_one(query("acting_role", first))
    yield _act_as(owner)
    result = yield from flow
    yield _act_as(None if before == "none" else before)
    return result


def _act_as(role: str | None) -> Statement[Any]:
    return replace(script(render("act_as", role=role)), kind=Kind.SET)


def _prepare(owner: str) -> Flow[None]:
    refuse_no_name(owner)
    schema = yield from fetch_one(query("schema_state", whole))
    role = yield from fetch_one(query("role_state", whole, role=owner))
    refuse_owner(owner, schema["owner"], role)
    if schema["owner"] is None:
        yield guard(script(render("guard_schema", ledger=None, role=None)))
    if not role["exists"]:
        yield script(render("make_owner", owner=owner, as_member=not role["is_superuser"]))
    if schema["owner"] is None:
        yield script(render("make_schema", owner=owner))


def refuse_no_name(owner: str) -> None:
    """Refuse what no role can be called; none would mean the session's own; pure.

    Raises:
        OptionError: it is one of those.
    """
    if owner in {"", "none", "public"} or owner.startswith("pg_"):
        raise OptionError(f"no owner can be called {owner!r}", hint="Choose another name: audit_owner.")


def refuse_owner(owner: str, present: str | None, role: RawRow) -> None:
    """Say why a role cannot be the schema's owner, if it cannot; pure.

    Args:
        owner: who is to be it.
        present: who is; None where there is no schema.
        role: the row of the query role_state.

    Raises:
        SchemaConflict: somebody else is.
        PrivilegeMissing: the current user may neither make the role nor act as it.
    """
    me = role["current_role"]
    if present not in {None, owner}:
        raise SchemaConflict(
            f"schema pgaudit_py belongs to {present}, not to {owner}", hint=f"Name {present} as its owner."
        )
    if not (role["exists"] or role["makes_roles"]):
        raise PrivilegeMissing(
            f"there is no role {owner}, and {me} may make none",
            hint=f"Have an administrator make it: CREATE ROLE {owner} NOLOGIN; GRANT {owner} TO {me};",
        )
    if role["exists"] and not role["usable"]:
        raise PrivilegeMissing(
            f"{me} may not act as {owner}", hint=f"Have an administrator run: GRANT {owner} TO {me};"
        )


def let_read(oid: int, schema: str, truncate_function: str, *, again: bool = False) -> Flow[str]:
    """Work out what lets the owner of the log read an audited table, to keep the rows that a TRUNCATE takes.

    Args:
        oid, schema: the table, and the name of its schema.
        truncate_function: the name of its function for TRUNCATE.
        again: whether what an install let before is to be let once more.

    Returns:
        The SQL to be run with the install; empty where nothing is missing that the current user could grant.
    """
    state = yield from fetch_one(query("log_owner_reads", whole, oid=oid, again=again))
    tables = [tuple(place) for place in state["unread"]]
    schema_name = None if state["enters"] or not state["may_let_in"] else schema
    names = {"reader": state["owner"], "truncate_function": truncate_function}
    return render("let_read", tables=tables, schema=schema_name, note=GRANTED, **names)


def reader_by_install(tracked_id: int) -> Flow[str | None]:
    """Tell whom the install of a table let read it; None where it had no need to."""
    found = yield from fetch(query("reader_by_install", first, id=tracked_id, note=GRANTED))
    return str(found[0]) if found else None
