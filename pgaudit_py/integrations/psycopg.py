"""Connections of psycopg that bind the current actor at the start of every transaction.

Example:
    pool = ConnectionPool(dsn, connection_class=AuditConnection)
    with actor(user), pool.connection() as conn:
        conn.execute("UPDATE posts SET title = 'New' WHERE id = 1")
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import psycopg
from psycopg import generators, sql
from psycopg.pq import ExecStatus, Format
from psycopg.rows import Row

from pgaudit_py.context import current_actor
from pgaudit_py.cursors import AsyncOwnCursor, OwnCursor
from pgaudit_py.models import Actor
from pgaudit_py.session import bind_statement, encodings_of

if TYPE_CHECKING:
    from psycopg.abc import PQGen, QueryNoTemplate
    from psycopg.pq.abc import PGresult

_HOOKS = ("_exec_command", "_get_tx_start_command")
"""What is used of psycopg's private parts: it has no public event at the start of a transaction."""


def _check_hooks(base: type) -> None:
    """Refuse a psycopg without the hooks: changes by nobody, unnoticed, would be worse than no start.

    Raises:
        ImportError: one of them is missing.
    """
    if missing := [name for name in _HOOKS if not hasattr(base, name)]:
        raise ImportError(
            f"psycopg {psycopg.__version__} lacks {', '.join(missing)}, without which no connection can bind "
            "actors by itself. Upgrade pgaudit-py, install an older psycopg, or call set_actor(conn, …) in "
            "every transaction."
        )


_check_hooks(psycopg.BaseConnection)

_ONE_MESSAGE = hasattr(generators, "execute")
"""Whether BEGIN and the binding can share a message; else the binding is a statement after BEGIN."""


class _BindsActor(psycopg.BaseConnection[Row]):
    """Extend BEGIN by the statement that binds the current actor; without an actor change nothing."""

    def _exec_command(
        self, command: QueryNoTemplate, result_format: Format = Format.TEXT
    ) -> PQGen[PGresult | None]:
        """Run a statement of psycopg's own: BEGIN, COMMIT, SAVEPOINT, …; all of them pass here."""
        who = current_actor()
        if who is None or command != (begin := self._get_tx_start_command()):
            return (yield from super()._exec_command(command, result_format))
        binding = _rendered(who, self)
        if _ONE_MESSAGE and not self.info.pipeline_status:
            return (yield from self._exec_at_once(begin + b"; " + binding))
        # In a pipeline both leave together anyway, and its protocol takes one statement at a time.
        yield from super()._exec_command(begin, result_format)
        return (yield from super()._exec_command(binding))

    def _exec_at_once(self, commands: bytes) -> PQGen[PGresult]:
        """Send statements in one message, otherwise as psycopg's own `_exec_command` sends one."""
        self.pgconn.send_query(commands)
        results: list[PGresult] = yield from generators.execute(self.pgconn)
        for result in results:
            if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise psycopg.errors.error_from_result(result, encoding=self.info.encoding)
        return results[-1]


class AuditConnection(_BindsActor[Row], psycopg.Connection[Row]):
    """A psycopg connection whose every transaction begins by binding `current_actor()`.

    Use it in the place of `psycopg.Connection`: `AuditConnection.connect(dsn)`, or
    `ConnectionPool(dsn, connection_class=AuditConnection)`. BEGIN and the binding travel in one message, so
    an actor costs no round trip; a transaction without one is psycopg's own, unchanged.

    The actor is the one of the moment when the transaction begins: at the first statement, or on entering
    `conn.transaction()`. Who becomes known later needs `set_actor(conn, …)`. In autocommit mode, statements
    outside `conn.transaction()`, and those after a BEGIN that you send yourself, are bound to nobody.
    """


class AsyncAuditConnection(_BindsActor[Row], psycopg.AsyncConnection[Row]):
    """The async AuditConnection: for `AsyncAuditConnection.connect(dsn)` and `AsyncConnectionPool`."""


def _rendered(actor: Actor, conn: psycopg.BaseConnection[Any]) -> bytes:
    """Return the binding as bytes for the simple query protocol, which has no parameters."""
    statement = bind_statement(actor, encodings=encodings_of(conn))
    literals = {name: sql.Literal(value) for name, value in (statement.params or {}).items()}
    # In psycopg's own ways of writing a text, whatever the application registered on its connection.
    cursor = (
        AsyncOwnCursor(conn)
        if isinstance(conn, psycopg.AsyncConnection)
        else OwnCursor(cast("psycopg.Connection[Any]", conn))
    )
    return _template(statement.sql).format(**literals).as_bytes(cursor)


@cache
def _template(text: str) -> sql.SQL:
    """Turn the text of a query file into psycopg's client-side template, in one line without comments."""
    bare = re.sub(r"^\s*--.*\n", "", text, flags=re.MULTILINE)
    return sql.SQL(re.sub(r"%\((\w+)\)s", r"{\1}", " ".join(bare.split())))
