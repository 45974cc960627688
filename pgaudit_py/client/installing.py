"""Making the schema, and installing and removing the triggers of tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from pgaudit_py import migrate as migrations
from pgaudit_py import triggers
from pgaudit_py.client.running import AsyncRunning, Running, same_as
from pgaudit_py.driving import server_major
from pgaudit_py.migrate import MigrationPlan
from pgaudit_py.statements import Flow, fetch
from pgaudit_py.status import sync
from pgaudit_py.subjects import words
from pgaudit_py.tables import Candidate, column_names, find_tables, full_name
from pgaudit_py.triggers import Installed


class Installing(Running):
    """Making the schema, and installing and removing the triggers of tables."""

    def migrate(
        self, *, owner: str | None = None, event_trigger: bool | None = None, in_transaction: bool = False
    ) -> MigrationPlan:
        """Create the schema pgaudit_py, or bring it up to date.

        Args:
            owner: the role that the schema belongs to, or is to belong to. It is made where it is missing, without a
                login, and acted as (SET ROLE) for as long as this takes. Name only one that you trust: its code in the
                schema runs in your session. None for whoever is connected.
            event_trigger: True to have an event trigger record at once what is done to audited tables, False to remove
                it; None leaves it as it is. It takes a superuser, for whom the owner of the schema must be trusted: its
                function runs after everybody's DDL.
            in_transaction: do it in the transaction that is open, as migration tools want it.

        Returns:
            The files that were run; empty where there was nothing to do.

        Raises:
            SchemaTooNew: a newer pgaudit-py made changes that this one cannot work with.
            SchemaConflict: a released migration was edited; or the schema belongs to somebody else, or was not made
                by this library.
            PrivilegeMissing: this role may make no schema, or no event trigger, or neither make the owner nor act as it.
            OptionError: no role can have the owner's name.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        return self._run_alone(
            partial(migrations.migrate, owner, event_trigger),
            "migrate",
            "schema pgaudit_py",
            in_transaction=in_transaction,
        )

    def install(
        self,
        table: str,
        *,
        as_: str | None = None,
        key: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        redact: Sequence[str] | None = None,
        snapshots: Literal["changes", "all"] | None = None,
        context: Literal["allow", "require"] | None = None,
        truncate_rows: int | None = None,
        value_limit: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        """Audit a table from now on. Doing it again brings its triggers up to date.

        An option that is None stays as the table is installed with it; at first it is what is named below.

        Args:
            table: its name as in SQL: posts, shop.posts, "Tab.le".
            as_: what its records are called; at first the table's name, with the schema's where that is not public.
                Another name later begins another history: what was recorded stays under the name it has.
            key: the columns that tell records apart, all NOT NULL and together unique; at first the primary key.
            exclude: columns that are never looked at; at first none. An update of these alone is no activity.
            redact: columns of which only that they changed is kept, never a value; of a jsonb column also a path in
                it, "settings.token"; at first none.
            snapshots: changes (at first), or all for the whole row with each update.
            context: allow (at first), or require to refuse a write of which `set_actor` did not say who makes it.
            truncate_rows: up to how many rows a TRUNCATE is recorded row by row; at first 100,000.
            value_limit: of a value of more bytes only the length and the SHA-256 are kept; 10,000 to 268,435,455, at first
                8 MiB.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What was done: installed, updated or unchanged; and what its records are called.

        Raises:
            TableNotFound, TableNotAuditable, PrivilegeMissing, SubjectTypeTaken: as they say.
            OptionError: an option makes no sense for this table; it says why.
            LockNotAvailable: the table was in use for all of the tries.
            IdleConnectionRequired: a transaction is open, and in_transaction was not given.
        """
        given = {
            "key": key, "exclude": exclude, "redact": redact, "snapshots": snapshots, "context": context,
            "truncate_rows": truncate_rows, "value_limit": value_limit,
        }  # fmt: skip

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn), as_)

        return self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    def sync(
        self, table: str | None = None, *, as_: str | None = None, in_transaction: bool = False
    ) -> Installed:
        """Put the triggers of an audited table right, with the options that it has.

        Args:
            table: its name, or what its records are called.
            as_: or what its records are called, whatever other table has that name.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What was done: updated, unchanged; or forgotten where the table is gone, whose history stays.

        Raises:
            TableNotTracked: no audit trail is installed on it.
            OptionError: the name means two tables; or an option of its install makes no sense any more, such as a key that is no longer unique.
            PrivilegeMissing, LockNotAvailable: as `install`.
        """

        def flow() -> Flow[Installed]:
            return sync(words(table), server_major(self.conn), as_)

        return self._run_alone(flow, "sync", f"table {table or as_}", in_transaction=in_transaction)

    def plan_migration(self) -> MigrationPlan:
        """Tell what `migrate` would run; nothing is written.

        Raises:
            SchemaTooNew, SchemaConflict: see `migrate`.
        """
        return self._run(migrations.pending())

    def find_tables(self, *patterns: str, schema: str | None = None) -> list[Candidate]:
        """List tables that could be audited, and why others could not.

        Args:
            patterns: names with * and ?, matched with and without the schema; none for all tables.
            schema: only tables of this schema.

        Returns:
            By schema and name; tables of the system and of this library left out.
        """
        with self._savepoint():
            return self._run(find_tables(patterns, schema))

    def columns(self, table: str) -> list[str]:
        """List the columns of a table, in their order.

        Args:
            table: its name as in SQL.

        Raises:
            TableNotFound: there is no such table.
        """
        with self._savepoint():
            return self._run(column_names(str(table)))

    def full_name(self, table: str) -> str:
        """Name a table as in SQL, with its schema: one table has one such name, however it is written.

        Args:
            table: its name as in SQL.

        Raises:
            TableNotFound: there is no such table.
        """
        with self._savepoint():
            return self._run(full_name(str(table)))

    def tracked(self) -> list[str]:
        """List what the records of the tables under audit are called, sorted."""
        return self._run(fetch(triggers.tracked_names()))

    def subject_type(self, table: str, *, strict: bool = False) -> str:
        """Tell what the records of a table are called, by theirs or else by the table's name.

        Args:
            table: the name.
            strict: refuse one that means two tables: one that is called so, and one whose records are.

        Raises:
            TableNotFound: there is no such table.
            TableNotTracked: no audit trail is installed on it.
            OptionError: it means two, and strict was given.
        """
        with self._savepoint():
            return self._run(triggers.tracked_name(str(table), strict=strict))

    def uninstall(
        self, table: str | None = None, *, as_: str | None = None, in_transaction: bool = False
    ) -> str:
        """Stop auditing a table. What was recorded stays.

        Args:
            table: its name, or what its records are called.
            as_: or what its records are called, whatever other table has that name.
            in_transaction: do it in the transaction that is open, in one try.

        Returns:
            What its records are called.

        Raises:
            TableNotTracked: no audit trail is installed on it.
            OptionError: the name means two tables.
        """
        return self._run_alone(
            partial(triggers.uninstall, words(table), as_),
            "uninstall",
            f"table {table or as_}",
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
    async def migrate(
        self, *, owner: str | None = None, event_trigger: bool | None = None, in_transaction: bool = False
    ) -> MigrationPlan:
        return await self._run_alone(
            partial(migrations.migrate, owner, event_trigger),
            "migrate",
            "schema pgaudit_py",
            in_transaction=in_transaction,
        )

    @same_as(Installing.install)
    async def install(
        self,
        table: str,
        *,
        as_: str | None = None,
        key: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        redact: Sequence[str] | None = None,
        snapshots: Literal["changes", "all"] | None = None,
        context: Literal["allow", "require"] | None = None,
        truncate_rows: int | None = None,
        value_limit: int | None = None,
        in_transaction: bool = False,
    ) -> Installed:
        given = {
            "key": key, "exclude": exclude, "redact": redact, "snapshots": snapshots, "context": context,
            "truncate_rows": truncate_rows, "value_limit": value_limit,
        }  # fmt: skip

        def flow() -> Flow[Installed]:
            return triggers.install(str(table), given, server_major(self.conn), as_)

        return await self._run_alone(flow, "install", f"table {table}", in_transaction=in_transaction)

    @same_as(Installing.sync)
    async def sync(
        self, table: str | None = None, *, as_: str | None = None, in_transaction: bool = False
    ) -> Installed:
        def flow() -> Flow[Installed]:
            return sync(words(table), server_major(self.conn), as_)

        return await self._run_alone(flow, "sync", f"table {table or as_}", in_transaction=in_transaction)

    @same_as(Installing.plan_migration)
    async def plan_migration(self) -> MigrationPlan:
        return await self._run(migrations.pending())

    @same_as(Installing.find_tables)
    async def find_tables(self, *patterns: str, schema: str | None = None) -> list[Candidate]:
        async with self._savepoint():
            return await self._run(find_tables(patterns, schema))

    @same_as(Installing.columns)
    async def columns(self, table: str) -> list[str]:
        async with self._savepoint():
            return await self._run(column_names(str(table)))

    @same_as(Installing.full_name)
    async def full_name(self, table: str) -> str:
        async with self._savepoint():
            return await self._run(full_name(str(table)))

    @same_as(Installing.tracked)
    async def tracked(self) -> list[str]:
        return await self._run(fetch(triggers.tracked_names()))

    @same_as(Installing.subject_type)
    async def subject_type(self, table: str, *, strict: bool = False) -> str:
        async with self._savepoint():
            return await self._run(triggers.tracked_name(str(table), strict=strict))

    @same_as(Installing.uninstall)
    async def uninstall(
        self, table: str | None = None, *, as_: str | None = None, in_transaction: bool = False
    ) -> str:
        return await self._run_alone(
            partial(triggers.uninstall, words(table), as_),
            "uninstall",
            f"table {table or as_}",
            in_transaction=in_transaction,
        )

    @same_as(Installing.drop_schema)
    async def drop_schema(self) -> list[str]:
        return await self._run_alone(
            triggers.drop_schema, "drop_schema", "schema pgaudit_py or an audited table"
        )
