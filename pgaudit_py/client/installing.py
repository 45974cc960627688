"""Making the schema, and installing and removing the triggers of tables."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pgaudit_py import migrate as migrations
from pgaudit_py import triggers
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.driving import naming_what_is_locked, preview, require_usable, server_major, with_lock_timeout
from pgaudit_py.migrate import MigrationPlan
from pgaudit_py.statements import Flow, fetch
from pgaudit_py.triggers import Installed


class Installing(Running):
    """Making the schema, and installing and removing the triggers of tables."""

    def migrate(self, *, in_transaction: bool = False) -> MigrationPlan:
        """Create the schema pgaudit_py, or bring it up to date.

        Args:
            in_transaction: do it in the transaction that is open, as migration tools want it.

        Returns:
            The files that were run; empty where there was nothing to do.

        Raises:
            SchemaTooNew: a newer pgaudit-py made changes that this one cannot work with.
            SchemaConflict: a released migration was edited; or the schema belongs to somebody else, or was not made
                by this library.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        return self._run_alone(
            migrations.migrate, "migrate", "schema pgaudit_py", in_transaction=in_transaction
        )

    def install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        """Audit a table from now on. Doing it again brings its triggers up to date.

        Args:
            table: its name as in SQL: posts, shop.posts, "Tab.le".
            snapshots: changes, or all for the whole row with each update; None for what the table is installed
                with, and changes at first.
            truncate_rows: up to how many rows a TRUNCATE is recorded row by row; None likewise, and 100,000 at first.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What was done: installed, updated or unchanged; and what its records are called.

        Raises:
            TableNotFound, TableNotAuditable, PrivilegeMissing, SubjectTypeTaken: as they say.
            LockNotAvailable: the table was in use for all of the tries.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn))

        return self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    def preview_install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
    ) -> tuple[Installed, str]:
        """Say what `install` would do, schema included, and change nothing: all of it is rolled back.

        Returns:
            What would be done, and the SQL of the table's functions and triggers.
        """
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}
        require_usable(self.conn, "preview_install", in_transaction=True)
        with naming_what_is_locked(f"table {table}", 1), self.conn.transaction(force_rollback=True):
            flow = preview(str(table), given, server_major(self.conn))
            return self._run(with_lock_timeout(flow))

    def tracked(self) -> list[str]:
        """List what the records of the tables under audit are called, sorted."""
        return self._run(fetch(triggers.tracked_names()))

    def auditable(self) -> list[str]:
        """List the tables that whoever is connected could put under audit, as SQL names them: a thousand at most."""
        return self._run(fetch(triggers.auditable_names()))

    def subject_type(self, table: str) -> str:
        """Tell what the records of a table are called, by the table's name or by theirs.

        Raises:
            TableNotFound: there is no such table.
            TableNotTracked: no audit trail is installed on it.
        """
        return self._run(triggers.tracked_name(str(table)))

    def uninstall(self, table: str, *, in_transaction: bool = False) -> str:
        """Stop auditing a table. What was recorded stays.

        Args:
            table: its name, or what its records are called where the table is gone.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What its records are called.

        Raises:
            TableNotTracked: no audit trail is installed on it.
        """
        return self._run_alone(
            partial(triggers.uninstall, str(table)),
            "uninstall",
            f"table {table}",
            in_transaction=in_transaction,
        )

    def drop_schema(self) -> list[str]:
        """Stop auditing every table, and remove the schema pgaudit_py with all that was recorded.

        Returns:
            What the records of the tables were called.
        """
        return self._run_alone(triggers.drop_schema, "drop_schema", "schema pgaudit_py or an audited table")


class AsyncInstalling(AsyncRunning):
    """The same with await."""

    @same_as(Installing.migrate)
    async def migrate(self, *, in_transaction: bool = False) -> MigrationPlan:
        return await self._run_alone(
            migrations.migrate, "migrate", "schema pgaudit_py", in_transaction=in_transaction
        )

    @same_as(Installing.install)
    async def install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn))

        return await self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    @same_as(Installing.preview_install)
    async def preview_install(
        self,
        table: str,
        *,
        snapshots: Literal["changes", "all"] | None = None,
        truncate_rows: int | None = None,
    ) -> tuple[Installed, str]:
        given = {"snapshots": snapshots, "truncate_rows": truncate_rows}
        require_usable(self.conn, "preview_install", in_transaction=True)
        with naming_what_is_locked(f"table {table}", 1):
            async with self.conn.transaction(force_rollback=True):
                flow = preview(str(table), given, server_major(self.conn))
                return await self._run(with_lock_timeout(flow))

    @same_as(Installing.tracked)
    async def tracked(self) -> list[str]:
        return await self._run(fetch(triggers.tracked_names()))

    @same_as(Installing.auditable)
    async def auditable(self) -> list[str]:
        return await self._run(fetch(triggers.auditable_names()))

    @same_as(Installing.subject_type)
    async def subject_type(self, table: str) -> str:
        return await self._run(triggers.tracked_name(str(table)))

    @same_as(Installing.uninstall)
    async def uninstall(self, table: str, *, in_transaction: bool = False) -> str:
        return await self._run_alone(
            partial(triggers.uninstall, str(table)),
            "uninstall",
            f"table {table}",
            in_transaction=in_transaction,
        )

    @same_as(Installing.drop_schema)
    async def drop_schema(self) -> list[str]:
        return await self._run_alone(
            triggers.drop_schema, "drop_schema", "schema pgaudit_py or an audited table"
        )
