"""The roles of the audit trail: who may say who is acting, read, and restore. The access lists in the catalog are the book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from pgaudit_py.errors import NotMigrated, PrivilegeMissing
from pgaudit_py.statements import (
    Flow,
    RawRow,
    command,
    fetch,
    fetch_one,
    first,
    pinned,
    query,
    setting,
    whole,
)

Role: TypeAlias = Literal["app", "reader", "restorer"]
"""What one can be to the audit trail; the owner of schema pgaudit_py is all of it."""
Granted: TypeAlias = tuple[str, Role]
"""A role of the database, and what it was granted to be."""


def grant(role: str, as_: Role) -> Flow[None]:
    """Give a role of the database a part in the audit trail; see `Audit.grant`."""
    yield from pinned(_as_owner("grant_to", role, as_))


def revoke(role: str, as_: Role) -> Flow[None]:
    """Take it back; see `Audit.revoke`."""
    yield from pinned(_as_owner("revoke_from", role, as_))


def _as_owner(name: str, role: str, as_: Role) -> Flow[None]:
    refuse_others((yield from fetch(query("schema_owner", whole))))
    yield setting("lock_installers")
    yield from fetch(command(name, whole, role=str(role), as_what=str(as_)))


def refuse_others(found: Sequence[RawRow]) -> None:
    """Refuse whoever is not the owner of the schema: its functions would only say that they may not be called; pure.

    Args:
        found: the row of the query schema_owner, if there is one.

    Raises:
        NotMigrated: there is no schema.
        PrivilegeMissing: it is somebody else's.
    """
    if not found:
        raise NotMigrated(
            "nothing is audited in this database yet",
            hint="Run `pgaudit-py migrate`, which makes schema pgaudit_py.",
        )
    owner = found[0]["owner"]
    if not found[0]["owned"]:
        raise PrivilegeMissing(
            f"schema pgaudit_py belongs to {owner}, and only its owner says who may do what there",
            hint=f"Connect as {owner}, or as a member of that role.",
        )


def granted() -> Flow[list[Granted]]:
    """List who was granted what, sorted; a restorer once."""
    return (yield from fetch(query("roles", lambda row: (row["role"], row["as_what"]))))


def take_back() -> Flow[list[Granted]]:
    """Take every part in the audit trail from everybody, as the schema has them before an upgrade, whatever its version.

    Returns:
        What `grant_again` gives, by the functions that are there afterwards: new ones included, and no old one left.
    """
    if not (yield from fetch_one(query("roles_exist", first))):
        return []
    held = yield from granted()
    for role, as_what in held:
        yield command("revoke_from", whole, role=role, as_what=as_what)
    return held


def grant_again(held: list[Granted]) -> Flow[None]:
    """Give everybody their part back, once an upgrade is done."""
    for role, as_what in held:
        yield command("grant_to", whole, role=role, as_what=as_what)
