"""Saying who may do what with the audit trail."""

from __future__ import annotations

from functools import partial

from pgaudit_py import roles
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.roles import Granted, Role

_WHAT = "schema pgaudit_py"


class Granting(Running):
    """Saying who may do what with the audit trail."""

    def grant(self, role: str, *, as_: Role) -> None:
        """Give a role of the database a part in the audit trail, in the current transaction.

        To be recorded, nobody needs a grant. Only the owner of the schema may do this, and whoever acts as that role.

        Args:
            role: its name, as the catalog writes it.
            as_: app, to say who is acting by the SQL functions, and to record events of its own; reader, to read the
                log and travel in time; restorer, for both and to restore, with its own rights on the tables.

        Raises:
            OptionError: there is no such role, or it is PUBLIC, or `as_` is something else.
            PrivilegeMissing: the schema belongs to somebody else.
            NotMigrated: there is no schema yet.
        """
        self._run_alone(partial(roles.grant, role, as_), "grant", _WHAT, in_transaction=True)

    def revoke(self, role: str, *, as_: Role) -> None:
        """Take a part in the audit trail from a role of the database, in the current transaction.

        A restorer reads and acts as an app: one that loses either is left with the other, one that loses restorer is
        left with nothing.

        Args:
            role: its name, as the catalog writes it.
            as_: app, reader or restorer.

        Raises:
            OptionError, PrivilegeMissing, NotMigrated: as `grant` does.
        """
        self._run_alone(partial(roles.revoke, role, as_), "revoke", _WHAT, in_transaction=True)

    def roles(self) -> list[Granted]:
        """List who was granted what, as pairs of a role and app, reader or restorer; sorted.

        What comes by being a member of a role is not listed, nor is the owner. A role that was granted a part of it by
        hand has none.
        """
        return self._run(roles.granted())


class AsyncGranting(AsyncRunning):
    """The same with await."""

    @same_as(Granting.grant)
    async def grant(self, role: str, *, as_: Role) -> None:
        await self._run_alone(partial(roles.grant, role, as_), "grant", _WHAT, in_transaction=True)

    @same_as(Granting.revoke)
    async def revoke(self, role: str, *, as_: Role) -> None:
        await self._run_alone(partial(roles.revoke, role, as_), "revoke", _WHAT, in_transaction=True)

    @same_as(Granting.roles)
    async def roles(self) -> list[Granted]:
        return await self._run(roles.granted())
